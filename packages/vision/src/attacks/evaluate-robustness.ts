import { argmax, logicalAnd, type Tensor, type TensorLike } from '@grad/core';
import { asBatch, labelsOf, type Model, rowsOf } from '../model.ts';

/** An attack as a function of a batch and its right classes. */
export type Attack = (x: Tensor, y: Tensor) => Tensor;

/** What is left of a model under attacks. */
export interface Robustness<N extends string> {
  /** Share of rows that are classified rightly without an attack. */
  readonly clean: number;
  /** Share that is still classified rightly, by attack. */
  readonly attacked: Readonly<Record<N, number>>;
  /** Share that is classified rightly whichever attack is chosen. */
  readonly worst: number;
}

/**
 * Accuracy without attacks, under each, and under the worst of them for each row.
 *
 * @param x batch `[n, ...]`
 * @param y right classes, int32 `[n]`
 * @param attacks by name, such as `{ fgsm: (x, y) => fgsm(model, x, y, { eps: 0.1 }) }`
 * @throws DTypeError or ShapeError when x is no batch of floats or y no classes.
 */
export function evaluateRobustness<const N extends string>(
  model: Model,
  x: TensorLike,
  y: TensorLike,
  attacks: Readonly<Record<N, Attack>>,
): Robustness<N>;
export function evaluateRobustness(
  model: Model,
  x: TensorLike,
  y: TensorLike,
  attacks: Readonly<Record<string, Attack>>,
): Robustness<string> {
  const made = asBatch('evaluateRobustness', x);
  const labels = labelsOf('evaluateRobustness', 'y', y, rowsOf(made));
  const right = (input: Tensor): Tensor => argmax(model(input), { axis: 1 }).eq(labels);
  const share = (rows: Tensor): number => rows.astype('float64').mean().item();
  const clean = right(made);
  const attacked: Record<string, number> = {};
  let worst = clean;
  for (const [name, attack] of Object.entries(attacks)) {
    const rows = right(attack(made, labels));
    attacked[name] = share(rows);
    worst = logicalAnd(worst, rows);
  }
  return { clean: share(clean), attacked, worst: share(worst) };
}
