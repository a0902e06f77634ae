// How much faster large operations are on several threads than on one, measured in turns:
//
//   node packages/core/bench/threads.ts [threads]

import { exp, jit, matmul, random, setThreads, sin, sum, type Tensor } from '../src/index.ts';

const threads = Number(process.argv[2] ?? 2);
const turns = 5;
const turnTime = 150;

function normal(seed: number, shape: readonly number[]): Tensor {
  return random.normal(random.key(seed), shape, { dtype: 'float32' });
}

const product = jit((x: Tensor, y: Tensor) => matmul(x, y));
const chain = jit((x: Tensor) => exp(sin(x.mul(2)).add(x)));
const total = jit((x: Tensor) => sum(x));
const add = jit((x: Tensor) => x.add(1));

const [vector, long] = [normal(2, [1_000_000]), normal(3, [8_000_000])];
const cases: Readonly<Record<string, () => Tensor>> = {
  ...Object.fromEntries(
    [128, 256, 512, 1024].map((n) => {
      const [x, y] = [normal(0, [n, n]), normal(1, [n, n])];
      return [`matmul ${n}`, () => product(x, y)];
    }),
  ),
  'exp(sin(2x) + x), 1e6': () => chain(vector),
  'x + 1, 1e6': () => add(vector),
  'sum, 1e6': () => total(vector),
  'sum, 8e6': () => total(long),
};

/** The least time of a call in milliseconds, over one turn. */
function timeOf(run: () => Tensor): number {
  let least = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + turnTime; performance.now() < end; ) {
    const start = performance.now();
    run().dispose();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

console.log(`least milliseconds of a call on 1 and ${threads} threads, and their ratio`);
for (const [name, run] of Object.entries(cases)) {
  const times = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, count] of [1, threads].entries()) {
      await setThreads(count);
      times[i] = Math.min(times[i] ?? 0, timeOf(run));
    }
  }
  const [one = 0, several = 0] = times;
  const numbers = [one, several].map((ms) => ms.toFixed(3)).join('  ');
  console.log(`${name.padEnd(24)}${numbers}  ${(one / several).toFixed(2)}`);
}
await setThreads(1);
