import { clip, maximum, random, sign, sqrt, type Tensor, type TensorLike } from '@grad/core';
import { crossEntropy } from '@grad/nn';
import { checkSize } from '../check.ts';
import { asBatch, floatOf, labelsOf, type Model, perRow, rowSums, rowsOf } from '../model.ts';

/** How far an attack may go, and what it is to reach. */
export interface AttackOptions {
  /** Largest change: of each element, or in the norm of the whole row, where an attack has a choice. */
  readonly eps: number;
  /** Values that an input can have; [0, 1] when left out, and no bounds when null. */
  readonly bounds?: readonly [low: number, high: number] | null;
  /** Whether y are classes to be reached, and not the right ones; they are the right ones when left out. */
  readonly targeted?: boolean;
}

/** What an attack works with. */
export interface Setting {
  readonly x: Tensor;
  readonly labels: Tensor;
  /** A sum over rows that is to rise. */
  objective(x: Tensor): Tensor;
  /** The nearest input within the bounds. */
  bounded(x: Tensor): Tensor;
}

/** Checks the arguments of an attack. */
export function settingOf(
  name: string,
  model: Model,
  x: TensorLike,
  y: TensorLike,
  { eps, bounds = [0, 1], targeted = false }: AttackOptions,
): Setting {
  const made = asBatch(name, x);
  checkSize(name, 'eps', eps);
  checkBounds(name, bounds);
  const labels = labelsOf(name, 'y', y, rowsOf(made));
  const direction = targeted ? -1 : 1;
  return {
    x: made,
    labels,
    objective: (z) => crossEntropy(model(z), labels, { reduction: 'sum' }).mul(direction),
    bounded: (z) => (bounds === null ? z : clip(z, bounds[0], bounds[1])),
  };
}

/** Refuses bounds without anything between them. */
function checkBounds(name: string, bounds: readonly [number, number] | null): void {
  if (bounds === null || bounds[0] < bounds[1]) return;
  throw new RangeError(
    `${name}: bounds are [${bounds.join(', ')}]; the first must be less than the second.`,
  );
}

/** The norm in which an attack is bounded: the largest change, or the Euclidean norm of a row. */
export type Norm = 'linf' | 'l2';

/** The steepest step of length 1 of each row. */
export function steepest(norm: Norm, slope: Tensor): Tensor {
  return norm === 'linf' ? sign(slope) : slope.div(perRow(maximum(lengths(slope), tiny), slope));
}

/** The nearest change that is at most eps long. */
export function within(norm: Norm, change: Tensor, eps: number): Tensor {
  if (norm === 'linf') return clip(change, -eps, eps);
  const length = lengths(change);
  const share = maximum(length, eps).pow(-1).mul(eps);
  return eps === 0 ? change.mul(0) : change.mul(perRow(share, change));
}

const tiny = 1e-30;

/** Euclidean norm of each row, `[n]`. */
export function lengths(x: Tensor): Tensor {
  return sqrt(rowSums(x.square()));
}

/** A change that is uniform in the ball. */
export function somewhere(norm: Norm, key: Tensor, x: Tensor, eps: number): Tensor {
  const { shape } = x;
  const dtype = floatOf(x);
  if (norm === 'linf') return random.uniform(key, shape, { low: -eps, high: eps, dtype });
  const [first, second] = random.split(key);
  const rows = rowsOf(x);
  const size = x.size / Math.max(1, rows);
  const radius = random.uniform(second, [rows], { dtype }).pow(1 / size);
  const direction = steepest('l2', random.normal(first, shape, { dtype }));
  return direction.mul(perRow(radius.mul(eps), x));
}
