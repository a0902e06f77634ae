/**
 * Networks on graphs, measures of over-smoothing, and molecules as graphs.
 *
 * @module
 */

export { dirichletEnergy } from './dirichlet-energy.ts';
export type { Duplicates, Edges } from './edges.ts';
export { type GcnConv, type GcnParams, gcnConv } from './gcn-conv.ts';
export {
  type Gcn2Conv,
  type Gcn2Options,
  type Gcn2Params,
  gcn2Beta,
  gcn2Conv,
} from './gcn2-conv.ts';
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
export type { GraphLayer } from './layer.ts';
export { type LayerProfile, layerProfile } from './layer-profile.ts';
export type { Features, GraphLayerOptions } from './linear.ts';
export { meanAverageDistance } from './mean-average-distance.ts';
export { propagate } from './propagate.ts';
