/**
 * WebAssembly memory that the gradient of 8 dense layers takes, over that of its arguments, results and
 * residuals (the output of each layer, which the tangent of tanh and the next product need).
 */

import { grad, jit, matmul, type Tensor, tensor } from '../../packages/core/src/index.ts';
import { WasmExecutor } from '../../packages/core/src/runtime/wasm-executor.ts';
import { setExecutor } from '../../packages/core/src/trace/executor.ts';

const [rows, width, layers] = [8192, 256, 8];
const executor = new WasmExecutor();
setExecutor(executor);

const random = (count: number, scale: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i * 12.9898));
const x = tensor(random(rows * width, 1)).reshape([rows, width]);
const weights = Array.from({ length: layers }, () =>
  tensor(random(width * width, 0.1)).reshape([width, width]),
);
const loss = (weights: readonly Tensor[], x: Tensor): Tensor =>
  weights.reduce((h, w) => matmul(h, w).tanh(), x).sum();

jit(grad(loss))(weights, x);
const floats = rows * width + 2 * layers * width * width + layers * rows * width;
console.log(executor.bytesReserved / (4 * floats));
