import { at, concatenate, flip, reshape, stack } from '../functions/shape.ts';
import { formatTree, sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, checkOptions } from '../tensor/check.ts';
import { formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { flattenResult, flattenTensors } from '../transforms/trace-tree.ts';
import type { Argument, Traced } from '../transforms/types.ts';
import { vmap } from '../transforms/vmap.ts';

/**
 * All running combinations of the elements of `xs` along their leading axis: entry i is
 * `f(...f(f(x0, x1), x2)..., xi)`. f takes two elements and must be associative; then the work is
 * done in about 2 log2(n) batches of independent calls instead of n calls one after the other.
 * `xs` is a tree of which all leaves have the leading axis.
 *
 * @throws ShapeError when leading axes are missing or differ.
 * @throws TypeError when f does not keep the structure of an element.
 * @see G. E. Blelloch, Prefix Sums and Their Applications (1990).
 */
export function associativeScan<const X>(
  f: (left: Traced<X>, right: Traced<X>) => Argument<Traced<X>>,
  xs: X,
  options: { readonly reverse?: boolean } = {},
): Traced<X> {
  checkFunction('associativeScan', 'the first argument', f);
  checkOptions('associativeScan', options, ['reverse']);
  const { reverse = false } = options;
  const [leaves, treedef] = flattenTensors(xs);
  const size = leadingExtent(leaves);
  const ordered = reverse ? leaves.map((leaf) => flip(leaf, { axis: 0 })) : leaves;
  const combine = batched(f, treedef);
  const results = size < 2 ? ordered : scanLeaves(combine, ordered, size);
  return unflatten<Traced<X>>(
    treedef,
    reverse ? results.map((leaf) => flip(leaf, { axis: 0 })) : results,
  );
}

type Combine = (left: readonly Tensor[], right: readonly Tensor[]) => readonly Tensor[];

function batched<X>(
  f: (left: Traced<X>, right: Traced<X>) => Argument<Traced<X>>,
  treedef: TreeDef,
): Combine {
  const onLeaves = (left: readonly Tensor[], right: readonly Tensor[]): readonly Tensor[] => {
    const [results, given] = flattenResult(
      'associativeScan',
      f(unflatten<Traced<X>>(treedef, left), unflatten<Traced<X>>(treedef, right)),
    );
    if (!sameTree(given, treedef)) {
      throw new TypeError(
        `associativeScan: f must return an element ${formatTree(treedef)}; it returned ${formatTree(given)}.`,
      );
    }
    return results;
  };
  return vmap(onLeaves);
}

function leadingExtent(leaves: readonly Tensor[]): number {
  const [first] = leaves;
  const extent = first?.shape[0];
  if (extent === undefined || leaves.some((leaf) => leaf.shape[0] !== extent)) {
    throw new ShapeError(
      `associativeScan: all leaves need one leading axis of one extent; got ${leaves.map((leaf) => formatShape(leaf.shape)).join(', ')}.`,
    );
  }
  return extent;
}

/** Combines neighbours, scans these half as many, and fills in the entries between them. */
function scanLeaves(combine: Combine, xs: readonly Tensor[], size: number): readonly Tensor[] {
  const half = Math.floor(size / 2);
  const every = (from: number, to: number, step: number): Tensor[] =>
    xs.map((x) => at(x, [from, to, step]));
  const pairs = combine(every(0, 2 * half, 2), every(1, size, 2));
  const odd = half < 2 ? pairs : scanLeaves(combine, pairs, half);
  const between = Math.ceil(size / 2) - 1;
  const rest =
    between > 0
      ? combine(
          odd.map((x) => at(x, [0, between])),
          every(2, size, 2),
        )
      : [];
  return xs.map((x, i) => {
    const first = at(x, [0, 1]);
    const others = rest[i];
    const even = others ? concatenate([first, others]) : first;
    return interleave(even, odd[i] ?? even, size);
  });
}

/** `even[0], odd[0], even[1], ...`, `size` entries in all. */
function interleave(even: Tensor, odd: Tensor, size: number): Tensor {
  const filled = size % 2 === 0 ? odd : concatenate([odd, at(even, [0, 1])]);
  const pairs = stack([even, filled], { axis: 1 });
  return at(reshape(pairs, [2 * (even.shape[0] ?? 0), ...even.shape.slice(1)]), [0, size]);
}
