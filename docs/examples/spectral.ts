import { exp, grad, linalg, mul, sum, type Tensor, tensor } from '@grad/core';

// Three masses between two walls, coupled by springs: a symmetric matrix of stiffnesses.
const stiffness = (k: Tensor): Tensor => {
  const [left, inner, right] = [k.at(0), k.at(1), k.at(2)];
  const springs = [
    [1, 0, 0],
    [-1, 1, 0],
    [0, -1, 1],
    [0, 0, 1],
  ].map((row) => tensor([row]));
  const strengths = [left, inner, inner, right];
  return springs
    .map((b, i) => mul(b.transpose().matmul(b), strengths[i] ?? 0))
    .reduce((a, b) => a.add(b));
};
const k = tensor([1, 1, 1]);
const [w, v] = linalg.eigh(stiffness(k));
console.log(w.at(0).item().toFixed(6)); // → 0.585786
console.log(
  ...v
    .at(null, 0)
    .dataSync()
    .map((x) => Number(x.toFixed(6))),
); // → 0.5 0.707107 0.5

// How the lowest frequency squared depends on each spring.
const lowest = (strengths: Tensor): Tensor => linalg.eigvalsh(stiffness(strengths)).at(0);
console.log(
  ...grad(lowest)(k)
    .dataSync()
    .map((x) => Number(x.toFixed(6))),
); // → 0.25 0.085786 0.25

// A function of a matrix has its derivatives at equal eigenvalues too: those of tr exp(A) are exp(A).
const equal = tensor([
  [2, 0],
  [0, 2],
]);
const trace = (a: Tensor): Tensor =>
  sum(
    mul(
      linalg.matrixFunction(exp, a),
      tensor([
        [1, 0],
        [0, 1],
      ]),
    ),
  );
console.log(grad(trace)(equal).at(0, 0).item().toFixed(6)); // → 7.389056

// The nearest matrix of rank 1, and what is left.
const a = tensor([
  [3, 1],
  [1, 3],
  [1, 1],
]);
const [u, s, vt] = linalg.svd(a);
const first = u
  .at(null, [0, 1])
  .mul(s.at(0))
  .matmul(vt.at([0, 1]));
console.log(...s.dataSync().map((x) => Number(x.toFixed(6)))); // → 4.242641 2
console.log(linalg.norm(a.sub(first), { ord: 2 }).item().toFixed(6)); // → 2.000000
