import { eye, zeros } from '../functions/create.ts';
import { moveAxis, reshape } from '../functions/shape.ts';
import { type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction } from '../tensor/check.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDifferentiable, grad } from './grad.ts';
import { jvp } from './jvp.ts';
import { flattenResult, flattenTensors } from './trace-tree.ts';
import type { Argument, Arguments, Gradient } from './types.ts';
import { linearize, vjp } from './vjp.ts';
import { vmap } from './vmap.ts';

/**
 * Derivative of a result of type R in an argument of type X: for tensors, one of shape
 * `[...shape of R, ...shape of X]`; for trees, R's structure with X's structure at each leaf.
 */
export type Jacobian<R, X> = [Tensor] extends [R]
  ? [Tensor] extends [X]
    ? Tensor
    : { -readonly [K in keyof X]: Jacobian<R, X[K]> }
  : { -readonly [K in keyof R]: Jacobian<R[K], X> };

/**
 * The Jacobian of f in its first argument, by forward mode: one column at a time, all at once
 * under `vmap`. Cheaper than `jacrev` when f has more results than arguments.
 */
export function jacfwd<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
): (...args: Arguments<A>) => Jacobian<R, Gradient<A[0]>> {
  checkFunction('jacfwd', 'the first argument', f);
  return (...args) => {
    const [first, ...rest] = args;
    const [leaves, argTree] = flattenTensors(first);
    checkFirst('jacfwd', leaves, argTree);
    const flat = (...xs: readonly Tensor[]): R =>
      Reflect.apply(f, undefined, [unflatten<unknown>(argTree, xs), ...rest]);
    const [y, push] = linearize(flat, ...leaves);
    const [, resultTree] = flattenTensors(y);
    const columns = leaves.map((leaf, i) => {
      const along = (e: Tensor): R =>
        push(...leaves.map((x, j) => (j === i ? e : zeros(x.shape, { dtype: x.dtype }))));
      return flattenTensors(vmap(along)(basis(leaf)))[0].map((column) =>
        reshape(moveAxis(column, 0, -1), [...column.shape.slice(1), ...leaf.shape]),
      );
    });
    return assemble<Jacobian<R, Gradient<A[0]>>>(
      resultTree,
      argTree,
      (row, column) => columns[column]?.[row],
    );
  };
}

/**
 * The Jacobian of f in its first argument, by reverse mode: one row at a time, all at once under
 * `vmap`. Cheaper than `jacfwd` when f has more arguments than results.
 */
export function jacrev<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
): (...args: Arguments<A>) => Jacobian<R, Gradient<A[0]>> {
  checkFunction('jacrev', 'the first argument', f);
  return (...args) => {
    const [first, ...rest] = args;
    const [leaves, argTree] = flattenTensors(first);
    checkFirst('jacrev', leaves, argTree);
    let resultTree: TreeDef | undefined;
    const flat = (...xs: readonly Tensor[]): readonly Tensor[] => {
      const y: unknown = Reflect.apply(f, undefined, [unflatten<unknown>(argTree, xs), ...rest]);
      const [results, treedef] = flattenResult('jacrev', y);
      resultTree = treedef;
      return results;
    };
    const [ys, pullback] = vjp(flat, ...leaves);
    const rows = ys.map((y, i) => {
      const from = (e: Tensor): readonly Tensor[] =>
        pullback(ys.map((other, j) => (j === i ? e : zeros(other.shape, { dtype: other.dtype }))));
      return vmap(from)(basis(y)).map((row) => reshape(row, [...y.shape, ...row.shape.slice(1)]));
    });
    if (resultTree === undefined) throw new Error('jacrev: the function was not called.');
    return assemble<Jacobian<R, Gradient<A[0]>>>(
      resultTree,
      argTree,
      (row, column) => rows[row]?.[column],
    );
  };
}

/** Unit tensors of a shape along a new first axis. */
function basis(x: Tensor): Tensor {
  const size = sizeOf(x.shape);
  return reshape(eye(size, { dtype: x.dtype }), [size, ...x.shape]);
}

/** The result's structure with the argument's structure at each leaf. */
function assemble<J>(
  resultTree: TreeDef,
  argTree: TreeDef,
  entry: (row: number, column: number) => Tensor | undefined,
): J {
  let row = 0;
  const build = (treedef: TreeDef): unknown => {
    const at = row++;
    let column = 0;
    const leaf = (def: TreeDef): unknown =>
      def.kind === 'leaf' ? entry(at, column++) : mapChildren(def, leaf);
    return treedef.kind === 'leaf' ? leaf(argTree) : undefined;
  };
  const outer = (def: TreeDef): unknown =>
    def.kind === 'leaf' ? build(def) : mapChildren(def, outer);
  return unflatten<J>({ kind: 'leaf' }, [outer(resultTree)]);
}

function mapChildren(def: TreeDef, visit: (child: TreeDef) => unknown): unknown {
  switch (def.kind) {
    case 'array':
      return def.children.map(visit);
    case 'object':
      return Object.fromEntries(def.keys.map((key, i) => [key, visit(def.children[i] ?? def)]));
    case 'static':
      return def.value;
    case 'leaf':
      return undefined;
  }
}

/**
 * The matrix of second derivatives of a scalar function in its first argument, forward over
 * reverse; for a tensor of shape s, of shape `[...s, ...s]`.
 */
export function hessian<A extends readonly unknown[] = readonly Tensor[]>(
  f: (...args: A) => Tensor,
): (...args: Arguments<A>) => Jacobian<Gradient<A[0]>, Gradient<A[0]>> {
  checkFunction('hessian', 'the first argument', f);
  return (...args) => {
    const [first, ...rest] = args;
    const gradient = (x: Gradient<A[0]>): Gradient<A[0]> =>
      Reflect.apply(grad(f), undefined, [x, ...rest]);
    return Reflect.apply(jacfwd(gradient), undefined, [first]);
  };
}

/**
 * Product of the matrix of second derivatives of a scalar function with a vector, without forming
 * the matrix: the derivative of the gradient along v.
 */
export function hvp<X>(f: (x: X) => Tensor, x: Argument<X>, v: Argument<X>): X {
  checkFunction('hvp', 'the first argument', f);
  const gradient = (at: X): X => Reflect.apply(grad(f), undefined, [at]);
  return jvp<[X], X>(gradient, [x], [v])[1];
}

/** Refuses integers and masks in the argument of a Jacobian. */
function checkFirst(name: string, leaves: readonly Tensor[], argTree: TreeDef): void {
  checkDifferentiable(
    name,
    { kind: 'array', children: [argTree] },
    leaves.map(({ type }) => type),
    leaves.map((_, i) => i),
  );
}
