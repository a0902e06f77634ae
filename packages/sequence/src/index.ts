/**
 * Recurrent networks, and DNA sequences from files.
 *
 * @module
 */

export { oneHotDna, reverseComplement } from './dna.ts';
export { type FastaRecord, readFasta } from './fasta.ts';
export { type GenbankFeature, type GenbankRecord, readGenbank } from './genbank.ts';
export { type GradientNorms, gradientNorms } from './gradient-norms.ts';
export {
  extractLocation,
  type GenbankLocation,
  type LocationPart,
  parseLocation,
} from './location.ts';
export {
  gru,
  lstm,
  type Recurrent,
  type RecurrentOptions,
  type RecurrentParams,
  type RunOptions,
  type RunResult,
  rnn,
} from './recurrent.ts';
export { translate } from './translate.ts';
