/**
 * Recurrent networks, and DNA sequences from files.
 *
 * @module
 */

export { type BaseSaliency, type BaseSaliencyOptions, baseSaliency } from './base-saliency.ts';
export type { SequenceScore } from './base-scores.ts';
export { type Bidirectional, type BothWays, bidirectional } from './bidirectional.ts';
export { type BpttOptions, bptt } from './bptt.ts';
export { type CodingSequence, codingSequence } from './coding-sequence.ts';
export {
  type DnaBatch,
  type OneHotOptions,
  oneHotBatch,
  oneHotDna,
  reverseComplement,
} from './dna.ts';
export { type FastaRecord, readFasta } from './fasta.ts';
export { type GenbankFeature, type GenbankRecord, readGenbank } from './genbank.ts';
export { GENETIC_CODES, type GeneticCode } from './genetic-codes.ts';
export { type GradientNorms, gradientNorms } from './gradient-norms.ts';
export { type GroupFoldOptions, groupFolds } from './group-folds.ts';
export { inSilicoMutagenesis } from './in-silico-mutagenesis.ts';
export { type Intron, introns } from './introns.ts';
export {
  extractLocation,
  type GenbankLocation,
  type LocationPart,
  parseLocation,
} from './location.ts';
export { gru, lstm, type RecurrentOptions, rnn } from './recurrent.ts';
export type {
  Recurrent,
  RecurrentParams,
  RecurrentState,
  RunOptions,
  RunResult,
} from './recurrent-layer.ts';
export {
  type SpliceCandidate,
  type SpliceCandidateOptions,
  spliceCandidates,
} from './splice-candidates.ts';
export {
  consensusPosterior,
  type DrawnSites,
  drawSpliceSites,
  type SiteFrequencies,
  SPLICE_CONSENSUS,
} from './splice-consensus.ts';
export {
  type SpliceBatch,
  type SpliceModel,
  type SpliceOptions,
  type SpliceParams,
  spliceModel,
} from './splice-model.ts';
export {
  readSpliceWindows,
  SPLICE_SITES,
  type SpliceSite,
  type SpliceWindow,
} from './splice-window.ts';
export { type TranslateOptions, translate } from './translate.ts';
