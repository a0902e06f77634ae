import { clip, type Tensor, type Traced, tree } from '@grad/core';
import { type ProximalMinimum, proximalGradient } from '@grad/optim';
import { checkSize } from '../check.ts';

/** Where the training of a mask stands. */
export interface MaskIteration {
  readonly iteration: number;
  /** The loss, without the penalty. */
  readonly loss: number;
  /** Norm of the generalized gradient, 0 at a minimum. */
  readonly residual: number;
}

/** Options of `trainMask`. */
export interface TrainMaskOptions<W> {
  /** Weight of the sum of the mask, which is added to the loss. */
  readonly l1: number;
  /** Mask to start from, in the structure of the weights; all 1 when left out. */
  readonly start?: Traced<W>;
  /** 10,000 when left out. */
  readonly maxIterations?: number;
  /** Norm of the generalized gradient to stop at; 1e-8 when left out. */
  readonly tolerance?: number;
  /** Stops with the status `'aborted'`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each iteration. */
  readonly onIteration?: ((iteration: MaskIteration) => void) | undefined;
}

/** A mask, and how it was found. */
export interface TrainedMask<W> {
  /** float64, in [0, 1], in the structure of the weights. */
  readonly mask: Traced<W>;
  /** The weights times the mask, in their own dtype. */
  readonly weights: Traced<W>;
  /** Share of zeros. */
  readonly sparsity: number;
  /** Loss plus l1 times the sum of the mask. */
  readonly objective: number;
  readonly history: readonly MaskIteration[];
  readonly status: ProximalMinimum<W>['status'];
  /** The status in words. */
  readonly message: string;
}

/**
 * Finds which of some frozen weights are needed: minimizes `loss(weights * mask) + l1 * sum(mask)` over masks in
 * [0, 1], by proximal gradients with backpropagation through the loss. Many elements become exactly 0.
 *
 * @param loss scalar function of weights, which it is given in float64, so that the minimum is found to its digits
 * @param weights tree of tensors, which stay as they are
 * @throws RangeError when l1 is negative or an option makes no sense.
 */
export async function trainMask<const W>(
  loss: (weights: Traced<W>) => Tensor,
  weights: W,
  options: TrainMaskOptions<W>,
): Promise<TrainedMask<W>> {
  const { l1, start, onIteration, ...rest } = options;
  checkSize('trainMask', 'l1', l1);
  const masked = (mask: unknown): Traced<W> =>
    tree.map((w, m = w) => w.astype('float64').mul(m), weights, mask);
  const first = start ?? tree.map((w) => w.mul(0).add(1).astype('float64'), weights);
  const [flat, unravel] = tree.ravel(first);
  const history: MaskIteration[] = [];
  const found = await proximalGradient(
    (m: Tensor) => loss(masked(unravel(m))),
    (v: Tensor, step: Tensor) => clip(v.sub(step.mul(l1)), 0, 1),
    flat,
    {
      ...rest,
      onIteration: ({ iteration, value, residual }) => {
        const entry = { iteration, loss: value, residual };
        history.push(entry);
        onIteration?.(entry);
      },
    },
  );
  const mask = tree.map((m) => m, unravel(found.x));
  return {
    mask: tree.map((_w, m = _w) => m, weights, mask),
    weights: tree.map((w, m = w) => w.mul(m.astype(w.dtype)), weights, mask),
    sparsity: found.x.eq(0).astype('float64').mean().item(),
    objective: found.value + l1 * found.x.sum().item(),
    history,
    status: found.status,
    message: found.message,
  };
}
