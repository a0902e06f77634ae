import { closureConvert, type Tensor, tree } from '@grad/core';
import type { Slope } from '../method.ts';

/** A right-hand side with the floats that it closes over as an argument of its own. */
export interface OpenSlope {
  readonly parameters: readonly Tensor[];
  /** f of other parameters. */
  with(parameters: readonly Tensor[]): Slope;
}

/** Finds what a right-hand side depends on besides t and y. */
export function openSlope(f: Slope, t: Tensor, y: Tensor): OpenSlope {
  const [converted, captured] = closureConvert((time: Tensor, at: Tensor) => f(time, at), t, y);
  const isFloat = captured.map(({ dtype }) => dtype === 'float64' || dtype === 'float32');
  return {
    parameters: captured.filter((_, i) => isFloat[i]),
    with: (parameters) => {
      const left = [...parameters];
      const all = captured.map((given, i) => (isFloat[i] ? (left.shift() ?? given) : given));
      return (time, at) => converted(all, time, at);
    },
  };
}

/** Tensors as one vector of the dtype of the state, and the way back. */
export function ravelLike(
  tensors: readonly Tensor[],
  like: Tensor,
): [vector: Tensor, unravel: (vector: Tensor) => Tensor[]] {
  const [vector, unravel] = tree.ravel(tensors.map((x) => x.astype(like.dtype)));
  return [
    vector,
    (given) => unravel(given).map((x, i) => x.astype(tensors[i]?.dtype ?? like.dtype)),
  ];
}
