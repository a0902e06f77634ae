/** `node compile.ts EQUATIONS value|gradient`: milliseconds of the first call, less those of a later one. */

import { grad, jit, type Tensor, tensor } from '../../packages/core/src/index.ts';

const [count, of] = [Number(process.argv[2]), process.argv[3]];

/** A function of so many operations on vectors of 8, of which each uses two earlier values. */
function f(x: Tensor): Tensor {
  const known = [x, x.add(1), x.mul(0.5), x.sub(0.25)];
  for (let i = known.length; i < count; i++) {
    const a = known[i - 1] ?? x;
    const b = known[i - 3 - (i % 2)] ?? x;
    const next = [() => a.mul(b), () => a.add(b), () => a.sin(), () => b.sub(a)][i % 4];
    if (next) known.push(next());
  }
  return (known.at(-1) ?? x).sum();
}

const call = of === 'gradient' ? jit(grad(f)) : jit(f);
const x = tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]);
const once = (): number => {
  const start = performance.now();
  call(x).dataSync();
  return performance.now() - start;
};
const first = once();
console.log(first - once());
