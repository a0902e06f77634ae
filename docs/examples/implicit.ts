import { grad, implicitRoot, sin, type Tensor, tensor, whileLoop } from '@grad/core';

// Kepler's equation E - e sin E = M, by an iteration that need not be differentiable.
const anomaly = (mean: Tensor, eccentricity: Tensor): Tensor =>
  implicitRoot(
    (E: Tensor, [M, e]) => E.sub(sin(E).mul(e)).sub(M),
    ([M, e]) =>
      whileLoop(
        ([now, before]) => now.sub(before).abs().gt(1e-15),
        ([now]) => [M.add(sin(now).mul(e)), now],
        [M, M.add(1)],
      )[0],
    [mean, eccentricity],
    { linearSolve: (slope, b) => b.div(slope(tensor(1))) },
  );

console.log(anomaly(tensor(1), tensor(0.6)).item().toFixed(12)); // → 1.599748548228
const [dM, de] = grad(anomaly, { argnums: [0, 1] })(1, 0.6);
console.log(dM.item().toFixed(12), de.item().toFixed(12)); // → 0.982927622427 0.982515690939
