import { full, isConcrete, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';

/**
 * Shares of nodes that sum to 1, from any numbers of 0 or more; equal shares when left out.
 *
 * @throws RangeError naming the node whose number is negative or not finite.
 */
export function distribution(
  name: string,
  given: TensorLike | undefined,
  nodes: number,
  of: 'nodes' | 'entries' = 'nodes',
): Tensor {
  if (given === undefined) return full([nodes], 1 / nodes);
  const shares = tensor(given, { dtype: 'float64' });
  if (shares.ndim !== 1 || shares.size !== nodes) {
    throw new ShapeError(
      `${name} has shape [${shares.shape.join(', ')}]; ${nodes} ${of} need a vector of as many.`,
    );
  }
  if (isConcrete(shares)) shares.read((values) => checkShares(name, values, of));
  return shares.div(shares.sum());
}

function checkShares(name: string, values: ArrayLike<number>, of: 'nodes' | 'entries'): void {
  const place = { nodes: 'node', entries: 'entry' }[of];
  let sum = 0;
  for (let node = 0; node < values.length; node++) {
    const share = values[node] ?? Number.NaN;
    if (!(share >= 0 && Number.isFinite(share))) {
      throw new RangeError(
        `${name} is ${share} at ${place} ${node}; shares are finite and 0 or more.`,
      );
    }
    sum += share;
  }
  if (!(sum > 0 && Number.isFinite(sum))) {
    throw new RangeError(`${name} sums to ${sum}; at least one share must be above 0.`);
  }
}
