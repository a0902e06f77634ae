// A worker of a page that uses threads itself.

import { jit, matmul, ones, setThreads, sum, type Tensor, threads } from '@grad/core';

const mean = jit((x: Tensor) => sum(matmul(x, x)).mul(0.75 / 512 ** 3));

addEventListener('message', async ({ data }: MessageEvent<number>) => {
  const before = threads();
  const after = await setThreads(data);
  postMessage({ before, after, mean: mean(ones([512, 512])).item() });
});
