/**
 * Networks on graphs, measures of over-smoothing, and molecules as graphs.
 *
 * @module
 */

export { dirichletEnergy } from './dirichlet-energy.ts';
export { type DmpnnOptions, type DmpnnParams, dmpnn } from './dmpnn.ts';
export { dropEdge } from './drop-edge.ts';
export type { Duplicates, Edges } from './edges.ts';
export { type GatOptions, type GatParams, gatConv } from './gat-conv.ts';
export { type GcnConv, type GcnParams, gcnConv } from './gcn-conv.ts';
export {
  type Gcn2Conv,
  type Gcn2Options,
  type Gcn2Params,
  gcn2Beta,
  gcn2Conv,
} from './gcn2-conv.ts';
export { type GinOptions, type GinParams, ginConv } from './gin-conv.ts';
export {
  batchSize,
  type Graph,
  type GraphBatchOptions,
  type GraphData,
  type GraphSize,
  graphBatch,
  type Rows,
} from './graph-batch.ts';
export { type InfluenceOptions, influence } from './influence.ts';
export { jumpingKnowledge } from './jumping-knowledge.ts';
export type { GraphLayer } from './layer.ts';
export { type LayerProfile, layerProfile } from './layer-profile.ts';
export type { Features, GraphLayerOptions } from './linear.ts';
export { meanAverageDistance } from './mean-average-distance.ts';
export { type DrawMoleculeOptions, drawMolecule } from './molecules/draw-molecule.ts';
export { atomFeatureNames, bondFeatureNames } from './molecules/features.ts';
export { fromSmiles, type MoleculeGraph } from './molecules/from-smiles.ts';
export { SmilesError } from './molecules/parse-smiles.ts';
export {
  type Molecules,
  type ReadMoleculesOptions,
  readMolecules,
} from './molecules/read-molecules.ts';
export { type MpnnOptions, type MpnnParams, mpnn } from './mpnn.ts';
export { pairNorm } from './pair-norm.ts';
export { pool } from './pool.ts';
export { propagate } from './propagate.ts';
export { type SageOptions, type SageParams, sageConv } from './sage-conv.ts';
