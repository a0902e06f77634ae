/**
 * What the acceptance run shares with the jobs: rows with their references, and checks of single jobs.
 *
 * @module
 */

export { formatRow, rowTitles } from './format-row.ts';
export { jobRows } from './job-rows.ts';
export { closedFormRows } from './jobs/adapt/closed-form.ts';
export { type Learned, type LearnOptions, learn } from './jobs/adapt/learn.ts';
export * as adaptModels from './jobs/adapt/model.ts';
export { gcn } from './jobs/depth/gcn.ts';
export { gcn2 } from './jobs/depth/gcn2.ts';
export { readCitations } from './jobs/depth/read-citations.ts';
export { trainNetwork } from './jobs/depth/train-network.ts';
export { linearRow } from './jobs/flow/checks.ts';
export { curieWeissRows, sixSpinRows } from './jobs/ising/checks.ts';
export { descriptorsOf } from './jobs/molecule/descriptors.ts';
export { fullTraining, trainProperty } from './jobs/molecule/train-property.ts';
export { elementRows } from './jobs/shape/checks.ts';
export {
  learn as learnSplice,
  softmaxRegression as spliceRegression,
} from './jobs/splice/learn.ts';
export { beam, beamMesh } from './jobs/topology/beam.ts';
export { complianceRows, gradientRow } from './jobs/topology/checks.ts';
export { full as fullTicket, fullMask } from './jobs/vision/look-for-ticket.ts';
export { maskOfRandomWeights } from './jobs/vision/random-weights.ts';
export { winningTicket } from './jobs/vision/ticket.ts';
export { ticketRows } from './jobs/vision/ticket-report.ts';
export { createProgress, type OutputStream, type Progress } from './progress.ts';
export { published } from './published.ts';
export { difference, type Reference, type Row, type Verdict, verdict } from './row.ts';
