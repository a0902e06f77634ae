// Imports no index, whose `setThreads` would bring along what threads need.

import { expect, test, vi } from 'vitest';
import { methods } from '../../src/functions/methods.ts';
import { jit } from '../../src/runtime/jit.ts';
import { withThreads } from '../../src/runtime/threads-wanted.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { fromData, installMethods, type Tensor } from '../../src/tensor/tensor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

test('without setThreads, calls that want threads run on one until what threads need is loaded', async () => {
  installMethods(methods);
  const executor = new WasmExecutor();
  setExecutor(executor);
  const data = Float32Array.from({ length: 300 * 300 }, (_, i) => Math.sin(i));
  const x = fromData('float32', [300, 300], data);
  const square = jit((y: Tensor) => y.matmul(y), { threads: 2 });
  const alone = square(x).toArray();
  expect(executor.threads).toBe(1);
  const isThere = (): void => {
    expect(square(x).toArray()).toEqual(alone);
    expect(executor.threads).toBe(2);
  };
  // A busy machine takes its time.
  await vi.waitFor(isThere, { timeout: 30_000 });
  await withThreads(1, () => executor.startThreads(1));
  expect(executor.threads).toBe(1);
});
