/** `node threads.ts matmul|chain|sum SIZE`: the time of work on two threads over that on one, in turns. */

import {
  exp,
  jit,
  matmul,
  random,
  setThreads,
  sin,
  sum,
  type Tensor,
} from '../../packages/core/src/index.ts';

const [, , work = '', size = ''] = process.argv;
const n = Number(size);
const turns = 8;
const turnTime = 200;

const normal = (shape: readonly number[]): Tensor =>
  random.normal(random.key(n), shape, { dtype: 'float32' });

function calls(): () => Tensor {
  if (work === 'matmul') {
    const [f, x] = [jit((a: Tensor) => matmul(a, a)), normal([n, n])];
    return () => f(x);
  }
  const x = normal([n]);
  const f = jit((a: Tensor) => (work === 'sum' ? sum(a) : exp(sin(a.mul(2)).add(a))));
  return () => f(x);
}

const run = calls();
const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let turn = 0; turn < turns; turn++) {
  for (const threads of [1, 2]) {
    if ((await setThreads(threads)) < threads) throw new Error('There is one processor.');
    for (const end = performance.now() + turnTime; performance.now() < end; ) {
      const start = performance.now();
      run().dispose();
      least[threads - 1] = Math.min(least[threads - 1] ?? 0, performance.now() - start);
    }
  }
}
await setThreads(1);
console.log((least[1] ?? 0) / (least[0] ?? 1));
