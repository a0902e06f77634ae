/** `node start.ts FILE`: milliseconds to import the core from a file and take a first jitted gradient. */

const file = process.argv[2] ?? '';
const start = performance.now();
const core: typeof import('../../packages/core/src/index.ts') = await import(file);
const { grad, jit, tensor } = core;
const slope = jit(grad((x) => x.mul(x).sin().sum()));
slope(tensor([1, 2, 3])).dataSync();
console.log(performance.now() - start);
