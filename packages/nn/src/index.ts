/**
 * Layers of neural networks as plain functions of parameters.
 *
 * @module
 */

export { type Activation, activation, isActivation } from './activation.ts';
export { elu, gelu, geluTanh, leakyRelu, silu } from './activations.ts';
export {
  type BatchNorm,
  type BatchNormOptions,
  type BatchNormState,
  batchNorm,
} from './batch-norm.ts';
export {
  type Conv,
  type ConvLayerOptions,
  type ConvTransposeLayerOptions,
  conv1d,
  conv2d,
  convTranspose2d,
} from './conv.ts';
export { type Dense, dense, type WeightOptions, type WeightParams } from './dense.ts';
export { dropout } from './dropout.ts';
export { type EmbeddingOptions, type EmbeddingParams, embedding } from './embedding.ts';
export { flatten, identity } from './flatten.ts';
export * as initializers from './initializers/index.ts';
export type { AnyLayer, Empty, Evaluation, Form, Layer, Step, Training } from './layer.ts';
export {
  type LayerNorm,
  layerNorm,
  type NormOptions,
  type NormParams,
} from './layer-norm.ts';
export {
  accuracy,
  binaryCrossEntropyWithLogits,
  type CrossEntropyOptions,
  crossEntropy,
  type LossOptions,
  mse,
} from './losses.ts';
export { type MlpOptions, mlp } from './mlp.ts';
export type { Layers, ParamsOf, StateOf } from './named-layers.ts';
export type { FloatDType } from './operands.ts';
export { type Parallel, type ParallelOptions, parallel, residual } from './parallel.ts';
export {
  type AvgPoolingOptions,
  avgPooling,
  globalAvgPooling,
  globalMaxPooling,
  maxPooling,
  type Pooling,
  type PoolingOptions,
} from './pooling.ts';
export { type Part, type Sequential, sequential } from './sequential.ts';
export { countParams, type Summary, type SummaryRow, summary } from './summary.ts';
export { walk } from './walk.ts';
