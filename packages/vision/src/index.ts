/**
 * Attribution, adversarial attacks and trained masks.
 *
 * @module
 */

export { type ApgdOptions, apgd } from './attacks/apgd.ts';
export type { AttackOptions, Norm } from './attacks/attack.ts';
export {
  type CarliniWagnerOptions,
  type CarliniWagnerResult,
  carliniWagner,
} from './attacks/carlini-wagner.ts';
export { type DeepFoolOptions, type DeepFoolResult, deepFool } from './attacks/deep-fool.ts';
export {
  type Attack,
  evaluateRobustness,
  type Robustness,
} from './attacks/evaluate-robustness.ts';
export { fgsm } from './attacks/fgsm.ts';
export { type PgdOptions, pgd } from './attacks/pgd.ts';
export { type DeepLiftOptions, deepLift } from './attribution/deep-lift.ts';
export { type GradCamOptions, gradCam } from './attribution/grad-cam.ts';
export {
  type CompleteAttribution,
  gradTimesInput,
  type IntegratedGradientsOptions,
  integratedGradients,
  type SmoothGradOptions,
  saliency,
  smoothGrad,
} from './attribution/gradients.ts';
export { guidedBackprop } from './attribution/guided-backprop.ts';
export { type InfidelityOptions, infidelity } from './attribution/infidelity.ts';
export {
  type Curve,
  type InsertionDeletion,
  type InsertionDeletionOptions,
  insertionDeletion,
} from './attribution/insertion-deletion.ts';
export { type LrpOptions, lrp } from './attribution/lrp.ts';
export { type OcclusionOptions, occlusion } from './attribution/occlusion.ts';
export { type SensitivityMaxOptions, sensitivityMax } from './attribution/sensitivity-max.ts';
export { type EdgePopupOptions, edgePopup } from './masks/edge-popup.ts';
export {
  type IterativePruningOptions,
  iterativeMagnitudePruning,
  type PruningRound,
} from './masks/iterative-magnitude-pruning.ts';
export { type MagnitudePruneOptions, magnitudePrune } from './masks/magnitude-prune.ts';
export { removeDeadUnits, type SmallerNetwork } from './masks/remove-dead-units.ts';
export { type SynflowOptions, synapticFlow, synflow } from './masks/synflow.ts';
export {
  type MaskIteration,
  type TrainedMask,
  type TrainMaskOptions,
  trainMask,
} from './masks/train-mask.ts';
export type { Model, TargetOptions } from './model.ts';
export { type Network, network } from './network.ts';
