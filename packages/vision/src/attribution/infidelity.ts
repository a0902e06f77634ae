import {
  isTensor,
  random,
  ShapeError,
  scan,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import { checkCount, checkSize } from '../check.ts';
import { asBatch, floatOf, type Model, rowSums, scoreOf, type TargetOptions } from '../model.ts';

/** Options of `infidelity`. */
export interface InfidelityOptions extends TargetOptions {
  /** Source of the perturbations; of seed 0 when left out. */
  readonly key?: Tensor;
  /** Perturbations to average over; 100 when left out. */
  readonly samples?: number;
  /** Standard deviation of the perturbations, in units of x; 0.2 when left out. */
  readonly noise?: number;
  /** Another perturbation of x, which is taken away from it; normal numbers times `noise` when left out. */
  readonly perturb?: (key: Tensor, x: Tensor) => Tensor;
  /** Whether the attribution is first multiplied by the number that suits each row best; it is not when left out. */
  readonly rescale?: boolean;
}

/**
 * How badly an attribution foretells what happens to the score when x is perturbed by I: the mean of
 * `(I · attribution - (f(x) - f(x - I)))²`. It is 0 for the gradient of a linear function. With `perturb: (_, x) => x`,
 * so that I goes to the baseline 0, it is the squared error of completeness.
 *
 * @param x batch `[n, ...]`
 * @param attribution of the shape of x
 * @returns `[n]`
 * @throws what `saliency` throws; ShapeError when the attribution or a perturbation has another shape than x;
 *   RangeError when samples or noise makes no sense.
 * @see C.-K. Yeh et al., On the (in)fidelity and sensitivity of explanations, arXiv:1901.09392, definition 2.1.
 */
export function infidelity(
  model: Model,
  x: TensorLike,
  attribution: TensorLike,
  options: InfidelityOptions = {},
): Tensor {
  const { key = random.key(0), samples = 100, noise = 0.2, rescale = false } = options;
  checkCount('infidelity', 'samples', samples);
  checkSize('infidelity', 'noise', noise);
  const made = asBatch('infidelity', x);
  const { shape } = made;
  const map = isTensor(attribution) ? attribution : tensor(attribution, { dtype: floatOf(made) });
  checkShape('the attribution', map, made);
  const perturb =
    options.perturb ??
    ((each: Tensor) => random.normal(each, shape, { dtype: floatOf(made) }).mul(noise));
  const score = scoreOf('infidelity', model, made, options);
  const whole = score(made);
  const [, [foretold, found]] = scan(
    (none: null, each: Tensor) => {
      const change = perturb(each, made);
      checkShape('a perturbation', change, made);
      return [none, [rowSums(change.mul(map)), whole.sub(score(made.sub(change)))] as const];
    },
    null,
    random.keys(key, samples),
  );
  const mean = (values: Tensor): Tensor => values.mean({ axis: 0 });
  if (!rescale) return mean(foretold.sub(found).square());
  const squares = mean(foretold.square());
  const scale = mean(foretold.mul(found)).div(squares.add(squares.eq(0).astype(squares.dtype)));
  return mean(foretold.mul(scale).sub(found).square());
}

function checkShape(what: string, given: Tensor, x: Tensor): void {
  if (given.shape.join() === x.shape.join()) return;
  throw new ShapeError(
    `infidelity: ${what} has shape [${given.shape.join(', ')}]; it must have that of x, [${x.shape.join(', ')}].`,
  );
}
