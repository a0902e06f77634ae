// Misuse of transforms and loops: each message names the transform and what is wrong.

import {
  associativeScan,
  cond,
  customJvp,
  customVjp,
  foriLoop,
  grad,
  hessian,
  hvp,
  implicitLinearSolve,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  map,
  scan,
  switchCase,
  type Tensor,
  tensor,
  tree,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const v = tensor([1, 2, 3]);
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const i = tensor([0, 1], { dtype: 'int32' });
const same = (y: Tensor): Tensor => y;

/** Calls of public functions as JavaScript would make them, without types. */
function untyped(f: (...args: never) => unknown, ...args: readonly unknown[]): unknown {
  return Reflect.apply(f, undefined, args);
}

type Case = readonly [what: string, call: () => unknown, message: RegExp];

function provoke(cases: readonly Case[]): void {
  test.each(cases)('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
}

describe('derivatives refuse', () => {
  provoke([
    [
      'a result that is no scalar',
      () => grad(same)(v),
      /^grad: the function must return one float scalar; its result is float64 of shape \[3\]/,
    ],
    [
      'a result that is an integer',
      () => grad((y: Tensor) => y.gt(0).sum())(v),
      /^grad: .* its result is int32 of shape \[\]/,
    ],
    [
      'a result that is nothing',
      () =>
        untyped(
          grad(() => tensor(1)),
          v,
        ) && untyped(Reflect.apply(grad, undefined, [() => undefined]), v),
      /^grad: .* not a single tensor/,
    ],
    [
      'an integer argument',
      () => grad((y: Tensor) => y.sum())(i),
      /^grad: argument 0 is int32 of shape \[2\]; derivatives exist for float32 and float64 only/,
    ],
    [
      'an integer leaf of a tree',
      () => grad((p: { w: Tensor; n: Tensor }) => p.w.sum())({ w: v, n: i }),
      /^grad: argument 0\.n is int32/,
    ],
    [
      'argnums beyond the arguments',
      () =>
        untyped(
          grad((y: Tensor) => y.sum(), { argnums: 3 }),
          v,
        ),
      /^grad: argnums names argument 3, but the function was called with 1/,
    ],
    [
      'argnums that are no number',
      () => untyped(Reflect.apply(grad, undefined, [same, { argnums: '0' }]), v),
      /^grad: argnums must be a whole number >= 0; it is "0"/,
    ],
    [
      'no arguments',
      () => untyped(valueAndGrad((y: Tensor) => y.sum())),
      /^valueAndGrad: argnums names argument 0, but the function was called with 0/,
    ],
    [
      'hasAux without a pair',
      () => untyped(Reflect.apply(grad, undefined, [same, { hasAux: true }]), v),
      /^grad: with hasAux the function must return \[scalar, auxiliary\]/,
    ],
    [
      'an async function',
      () => untyped(Reflect.apply(grad, undefined, [async (y: Tensor) => y.sum()]), v),
      /^grad: the function is async/,
    ],
    [
      'tangents of another shape',
      () => jvp(same, [v], [x]),
      /^jvp: argument 0 has shape \[3\], its tangent \[2, 3\]/,
    ],
    [
      'tangents of another structure',
      () => untyped(jvp, same, [v], []),
      /^jvp: tangents \[\] do not have the structure of the primals \[\*\]/,
    ],
    [
      'primals that are no list',
      () => untyped(jvp, same, v, v),
      /^jvp: the primals must be an array; it is a tensor/,
    ],
    ['an integer primal', () => jvp(same, [i], [i]), /^jvp: argument 0 is int32/],
    [
      'a cotangent of another shape',
      () => vjp(same, v)[1](x),
      /^vjp pullback: shape \[2, 3\] was given where \[3\] is needed/,
    ],
    [
      'a cotangent of another structure',
      () => untyped(vjp(same, v)[1], [v]),
      /^vjp pullback: the cotangent \[\*\] does not have the structure of the result \*/,
    ],
    [
      'a tangent of a linearized function of another shape',
      () => linearize(same, v)[1](x),
      /^linearize: shape \[2, 3\]/,
    ],
    ['a Jacobian in an integer', () => jacfwd(same)(i), /^jacfwd: argument 0 is int32/],
    ['a Jacobian in an integer, in reverse', () => jacrev(same)(i), /^jacrev: argument 0 is int32/],
    [
      'second derivatives of what is no scalar',
      () => hessian(same)(v),
      /^grad: the function must return one float scalar/,
    ],
    [
      'a vector of another shape',
      () => hvp((y: Tensor) => y.sum(), v, x),
      /^jvp: argument 0 has shape \[3\], its tangent \[2, 3\]/,
    ],
  ]);
});

describe('vmap refuses', () => {
  provoke([
    [
      'a scalar',
      () => vmap(same)(1),
      /^vmap: argument 0 is a scalar and has no axis to map over; give null for it in inAxes/,
    ],
    [
      'axes of different extents',
      () => vmap((y: Tensor, z: Tensor) => y.add(z))(v, x),
      /^vmap: mapped axes have different extents: argument 1 of shape \[2, 3\] has 2 on axis 0, not 3/,
    ],
    ['another axisSize', () => vmap(same, { axisSize: 7 })(v), /^vmap: .* has 3 on axis 0, not 7/],
    [
      'nothing to map over',
      () => vmap(same, { inAxes: [null] })(v),
      /^vmap: no argument has a mapped axis; give axisSize/,
    ],
    [
      'too many inAxes',
      () => vmap(same, { inAxes: [0, 0] })(v),
      /^vmap: inAxes has 2 entries, but the function was called with 1/,
    ],
    [
      'an axis that is no number',
      () => untyped(Reflect.apply(vmap, undefined, [same, { inAxes: [{ w: 0 }] }]), v),
      /^vmap: inAxes gives argument 0 the axis an object/,
    ],
    [
      'an outAxes out of range',
      () => vmap(same, { outAxes: 4 })(v),
      /^vmap: outAxes: axis 4 is out of range for shape \[3\]/,
    ],
  ]);
});

describe('loops and branches refuse', () => {
  const half = (c: Tensor): Tensor => c.mul(0.5);
  provoke([
    [
      'a scan without a length',
      () => untyped(scan, (c: Tensor) => [c, c], 0, null),
      /^scan: the number of steps is not known \(length undefined\)/,
    ],
    [
      'a scan over a scalar',
      () => scan((c: Tensor, y: Tensor) => [c, y], 0, 1),
      /^scan: a scalar in xs has no axis to scan over/,
    ],
    [
      'a scan of another length',
      () => scan((c: Tensor, y: Tensor) => [c, y], 0, v, { length: 7 }),
      /^scan: xs of shape \[3\] has 3 steps where 7 are expected/,
    ],
    [
      'a body that returns no pair',
      () => untyped(scan, same, 0, v),
      /^scan: the body must return a pair \[carry, y\]; it returned \*/,
    ],
    [
      'a carry that changes its structure',
      () => untyped(scan, (c: Tensor) => [{ c }, null], 0, v),
      /^scan: the body must return the carry in the structure \*; it returned \{c: \*\}/,
    ],
    [
      'a carry that changes its shape',
      () => scan(() => [x, null], 0, v),
      /^scan: the carry starts as float64 of shape \[\] \(a scalar\) and becomes float64 of shape \[2, 3\]/,
    ],
    [
      'a carry that changes its dtype',
      () => scan((c: Tensor) => [half(c), null], tensor(1, { dtype: 'int32' }), v),
      /^scan: the carry starts as int32 .* and becomes float64/,
    ],
    [
      'a condition that is no mask',
      () => whileLoop(same, same, 1),
      /^whileLoop: the condition must be a bool scalar; it is float64 of shape \[\]/,
    ],
    [
      'a condition of several elements',
      () => whileLoop(() => x.gt(0), same, 1),
      /^whileLoop: the condition must be a bool scalar; it is bool of shape \[2, 3\]/,
    ],
    [
      'a loop whose carry changes its structure',
      () =>
        untyped(
          whileLoop,
          (c: Tensor) => c.gt(0),
          (c: Tensor) => [c],
          1,
        ),
      /^whileLoop: the body must return the carry in the structure \*; it returned \[\*\]/,
    ],
    [
      'maxSteps below 0',
      () => whileLoop((c) => c.gt(0), same, 1, { maxSteps: -1 }),
      /^whileLoop: maxSteps must be a whole number >= 0; it is -1/,
    ],
    [
      'bounds that are no whole numbers',
      () => foriLoop(0, 2.5, (_, c) => c, 1),
      /^foriLoop: the upper bound must be a whole number; it is 2\.5/,
    ],
    [
      'a condition of cond that is a vector',
      () => cond(v.gt(0), same, same, v),
      /^cond: the condition must be a bool scalar; it is bool of shape \[3\].* where/,
    ],
    [
      'a condition of cond that is a number',
      () => cond(1.5, same, same, v),
      /^cond: the condition must be a bool scalar; it is float64/,
    ],
    [
      'branches of different structures',
      () => untyped(cond, true, same, (y: Tensor) => [y], v),
      /^cond: branches must give results of one structure; they give .*\[\*\]/,
    ],
    [
      'branches of different types',
      () => cond(true, same, (y: Tensor) => y.sum(), v),
      /^cond: branches must give results of the same types; they give \(f64\[\]\) and \(f64\[3\]\)/,
    ],
    ['no branches', () => untyped(switchCase, 0, []), /^switchCase: needs at least one branch/],
    [
      'a fractional index',
      () => switchCase(1.5, [same], v),
      /^switchCase: the index must be a whole number; it is 1\.5/,
    ],
    ['a map over a scalar', () => map(same, 1), /^scan: a scalar in xs/],
    ['a map over nothing', () => untyped(map, same, null), /^map: there is nothing to go over/],
    [
      'an associative function that changes the structure',
      () => untyped(associativeScan, (y: Tensor) => [y], v),
      /^associativeScan: f must return an element \*; it returned \[\*\]/,
    ],
    [
      'a solver that changes the shape',
      () => implicitLinearSolve(same, v, { solve: (_, b) => b.sum() }),
      /^implicitLinearSolve: solve must keep shapes and dtypes; it gives float64 of shape \[\] \(a scalar\) where b is float64 of shape \[3\]/,
    ],
    [
      'trees of different structures',
      () => tree.map(same, { a: 1 }, { b: 1 }),
      /^tree\.map: the trees have different structures: \{a: \*\} and \{b: \*\}/,
    ],
  ]);
});

describe('rules of derivatives refuse', () => {
  provoke([
    [
      'a customJvp rule that gives no pair',
      () => untyped(Reflect.apply(customJvp, undefined, [same, ([y]: Tensor[]) => y]), v),
      /^customJvp: the rule must return \[y, dy\]/,
    ],
    [
      'a customJvp rule whose tangent has another type',
      () => customJvp(same, ([y], [dy]) => [y, dy.sum()])(v),
      /^customJvp: the rule gives a tangent of type f64\[\] where the function's result is f64\[3\]/,
    ],
    [
      'a customVjp fwd without residuals',
      () => untyped(Reflect.apply(customVjp, undefined, [same, { fwd: same, bwd: same }]), v),
      /^customVjp: fwd must return \[y, residuals\]/,
    ],
    [
      'a customVjp bwd that gives no list',
      () =>
        untyped(
          Reflect.apply(customVjp, undefined, [same, { fwd: (y: Tensor) => [y, y], bwd: same }]),
          v,
        ),
      /^customVjp: bwd must return the list of cotangents/,
    ],
    [
      'forward mode through customVjp',
      () => jvp(customVjp(same, { fwd: (y) => [y, y], bwd: (_, ct) => [ct] }), [v], [v]),
      /^customVjp: the function has a rule for reverse mode only/,
    ],
  ]);
});
