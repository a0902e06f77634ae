/** What functions with the reflection formula of the gamma function need at negative arguments. */
import type { Node } from '../lane/node.ts';
import type { LaneOps } from '../lane/ops.ts';
import { polynomial } from './arithmetic.ts';

/** (sin(pi r) / r - pi) / r^2 in r^2 for |r| <= 1/2; relative error of the sine: 2^-54. */
const sineTail = [
  -5.16771278004997, 2.5501640398773455, -0.599264529320791, 0.08214588661108463,
  -0.007370430944816936, 0.0004663027953897944, -2.1915282920601852e-5, 7.949258149042043e-7,
  -2.2349456072698055e-8,
];

/** (1 / r - pi cot(pi r)) / r in r^2 for |r| <= 1/2; relative error 2^-55. */
const cotangentTail = [
  3.289868133696453, 2.1646464674222803, 2.034686123967514, 2.008154712581119, 2.001989137271178,
  2.000492722028886, 2.000107311804003, 2.0003196741577174, 1.996097485576224, 2.0382490222156067,
  1.727615124757811, 3.4058369233965187, -3.1611194298940593, 14.94347381679524, -18.39196776357757,
  18.391967765908955,
];

/** x minus the whole number nearest to it. */
export function fromNearest(ops: LaneOps, x: Node): Node {
  return ops.sub(x, ops.unary('nearest', x));
}

/** sin(pi r) / r for |r| <= 1/2. */
export function sineRatio(ops: LaneOps, r: Node): Node {
  const z = ops.mul(r, r);
  return ops.add(ops.f64(Math.PI), ops.mul(z, polynomial(ops, z, sineTail)));
}

/** 1 / r - pi cot(pi r) for |r| <= 1/2. */
export function cotangentRest(ops: LaneOps, r: Node): Node {
  return ops.mul(r, polynomial(ops, ops.mul(r, r), cotangentTail));
}
