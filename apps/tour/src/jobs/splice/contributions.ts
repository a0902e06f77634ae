import { grad, jit, stopGradient, type Tensor, take, tensor } from '@grad/core';
import { crossEntropy } from '@grad/nn';
import {
  baseSaliency,
  gradientNorms,
  inSilicoMutagenesis,
  type RecurrentState,
  type SpliceModel,
  type SpliceParams,
  spliceModel,
} from '@grad/sequence';
import type { Share } from './windows.ts';

/** What speaks for a site: its logit less that of no site, in nats. */
function evidence(model: SpliceModel, params: SpliceParams, site: number) {
  return (x: Tensor): Tensor => {
    const logits = model.apply(params, x);
    return logits.at(null, site).sub(logits.at(null, 2));
  };
}

/** What bases contribute to finding a site. */
export interface Contribution {
  /** For each place: the mean over sites of what A, C, G and T contribute, in nats. */
  readonly letters: readonly (readonly number[])[];
  /** Sites that this is the mean of. */
  readonly count: number;
  /** Largest error of the sum of contributions, relative to the scores' own size. */
  readonly missed: number;
}

/** Integrated gradients from unknown bases to the sites of one kind among some windows. */
export function contributionsOf(
  model: SpliceModel,
  params: SpliceParams,
  { x, labels }: Share,
  site: number,
): Contribution {
  const places = Array.from(labels.dataSync(), Number).flatMap((label, i) =>
    label === site ? [i] : [],
  );
  const sites = take(x, tensor(Int32Array.from(places)), { axis: 0 });
  const score = evidence(model, params, site);
  const { attribution, perBase, delta } = jit((z: Tensor) => baseSaliency(score, z))(sites);
  // The whole contribution of a place belongs to the base that is there.
  const letters = perBase.expandDims(2).mul(sites).mean({ axis: 0 });
  const size = attribution.abs().sum({ axis: [1, 2] });
  const flat = Array.from(letters.dataSync(), Number);
  return {
    letters: Array.from({ length: x.shape[1] ?? 0 }, (_, k) => flat.slice(4 * k, 4 * k + 4)),
    count: places.length,
    missed: delta.abs().div(size).max().item(),
  };
}

/** Effects of all mutations of one window on the evidence of a site: for each place, of A, C, G and T. */
export function mutationsOf(
  model: SpliceModel,
  params: SpliceParams,
  x: Tensor,
  site: number,
): number[][] {
  const score = evidence(model, params, site);
  const effects = jit((z: Tensor) => inSilicoMutagenesis(score, z))(x.expandDims(0));
  const flat = Array.from(effects.dataSync(), Number);
  return Array.from({ length: x.shape[0] ?? 0 }, (_, k) => flat.slice(4 * k, 4 * k + 4));
}

/** Mean norms of the loss's gradients in the states of one direction. */
export interface Norms {
  readonly direction: 'forward' | 'backward';
  /** Undefined where gradients go all the way. */
  readonly truncate: number | undefined;
  /** At each base. */
  readonly values: readonly number[];
}

/** How far gradients reach back through the bases, in full and truncated. */
export function normsThroughTime(
  units: number,
  params: SpliceParams,
  { x, labels }: Share,
  truncations: readonly (number | undefined)[],
): Norms[] {
  const steps = x.transpose([1, 0, 2]);
  return truncations.flatMap((truncate) => {
    const model = spliceModel({ units, ...(truncate === undefined ? {} : { truncate }) });
    const { gradients } = gradientNorms(model.encoder, params.encoder, steps, (states) =>
      crossEntropy(model.classify(params, states), labels, { reduction: 'sum' }),
    );
    return (['forward', 'backward'] as const).map((direction, i) => {
      const half = gradients.at(null, null, [i * units, (i + 1) * units]);
      const norms = half.square().sum({ axis: 2 }).sqrt().mean({ axis: 1 });
      return { direction, truncate, values: Array.from(norms.dataSync(), Number) };
    });
  });
}

/** Differences of gradients, relative to the largest element. */
export interface Truncation {
  /** Between a truncated run, and runs that go on from a stopped state. */
  readonly error: number;
  /** Between a truncated run, and one that is not. */
  readonly cutOff: number;
}

/** What truncation does to the gradient in the weights between states. */
export function truncationOf(
  { encoder }: SpliceModel,
  params: SpliceParams,
  { x }: Share,
  truncate: number,
): Truncation {
  const steps = x.at([0, 8]).transpose([1, 0, 2]);
  const [length = 0] = steps.shape;
  type Encoder = SpliceParams['encoder'];
  // Of the forward direction alone: pieces of the backward one begin at the other end.
  const sum = (outputs: Tensor): Tensor =>
    outputs
      .at(null, null, [0, encoder.hidden / 2])
      .square()
      .sum();
  const whole = (p: Encoder): Tensor => sum(encoder.apply(p, steps).outputs);
  const cut = (p: Encoder): Tensor => sum(encoder.apply(p, steps, { truncate }).outputs);
  const pieces = (p: Encoder): Tensor => {
    let state: ReturnType<typeof encoder.apply>['state'] | undefined;
    let total = tensor(0, { dtype: 'float32' });
    for (let from = 0; from < length; from += truncate) {
      const piece = steps.at([from, Math.min(from + truncate, length)]);
      const made = encoder.apply(p, piece, { initial: state });
      const { forward, backward } = made.state;
      state = { forward: stopped(forward), backward: stopped(backward) };
      total = total.add(sum(made.outputs));
    }
    return total;
  };
  const slope = (loss: (p: Encoder) => Tensor) => grad(loss)(params.encoder).forward.hiddenWeight;
  const found = slope(cut);
  const off = (other: Tensor): number => found.sub(other).abs().max().div(other.abs().max()).item();
  return { error: off(slope(pieces)), cutOff: off(slope(whole)) };
}

function stopped({ h, c }: RecurrentState): RecurrentState {
  return { h: stopGradient(h), c: stopGradient(c) };
}
