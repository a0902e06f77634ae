import { foriLoop, grad, jit, sin, type Tensor, tensor, whileLoop } from '@grad/core';

// A simulation of 20 000 steps, and how its end depends on its start.
const simulate = (start: Tensor): Tensor =>
  foriLoop(0, 20_000, (_, state) => state.add(sin(state).mul(1e-4)), start).sum();
const sensitivity = jit(grad(simulate));
const start = tensor([0.1, 0.2, 0.3]);

// The same in slices: the page stays alive, and a bar can follow.
let fraction: number | null = null;
const result = await sensitivity.async([start], {
  onProgress: (progress) => {
    fraction = progress.fraction;
  },
});
console.log(result.toString({ digits: 4 })); // → f64[3] [6.516, 4.816, 3.364]
console.log(fraction); // → 1
console.log(`${result}` === `${sensitivity(start)}`); // → true

// A search that never ends, given up after a tenth of a second.
const search = jit((x: Tensor) =>
  whileLoop(
    (state) => state.lt(2),
    (state) => sin(state).add(0.5),
    x,
  ),
);
try {
  await search.async([0.3], { signal: AbortSignal.timeout(100) });
} catch (error) {
  console.log(error instanceof Error && error.name); // → TimeoutError
}
