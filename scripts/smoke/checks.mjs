// What a user's program does, wherever it runs: it throws where a result is wrong.

import {
  explain,
  grad,
  jit,
  matmul,
  random,
  scan,
  setThreads,
  sin,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';

function near(actual, expected, what) {
  if (!(Math.abs(actual - expected) < 1e-14))
    throw new Error(`${what}: ${actual}, not ${expected}`);
}

/** Differentiates, loops, batches, and multiplies on several threads; tells how many there were. */
export async function check() {
  const f = (x) => sin(x.mul(x)).sum();
  const points = [0, 0.5, 1, 2];
  const slopes = jit(grad(f))(tensor(points)).toArray();
  for (const [i, x] of points.entries()) near(slopes[i], 2 * x * Math.cos(x * x), `slope at ${x}`);
  checkGrads(f, [tensor(points)], { order: 2 });

  const power = (x) => scan((y) => [y.mul(x), null], tensor(1), null, { length: 5 })[0];
  near(jit(grad(power))(2).item(), 80, 'slope of a loop');
  const slow = await jit(vmap(power)).async([tensor(points)]);
  for (const [i, x] of points.entries()) near(slow.at(i).item(), x ** 5, `${x} to the fifth`);

  const large = random.normal(random.key(1), [300, 300], { dtype: 'float32' });
  const product = jit((x) => matmul(x, x));
  const alone = product(large).dataSync();
  const threads = await setThreads(2);
  const shared = product(large).dataSync();
  const told = explain(product, large).split('\n').at(-1);
  await setThreads(1);
  const fewer = threads < 2 ? ', since ' : '';
  if (!told.startsWith(`threads: ${threads} of 2${fewer}`))
    throw new Error(`explain ends with ${told}`);
  if (
    globalThis.crossOriginIsolated === false &&
    !told.includes('this page is not cross-origin isolated')
  ) {
    throw new Error(`explain says nothing of isolation: ${told}`);
  }
  if (alone.some((x, i) => x !== shared[i])) throw new Error('threads changed a product');
  return threads;
}
