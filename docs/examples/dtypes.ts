import { add, div, tensor } from '@grad/core';

const single = tensor(new Float32Array([1, 2]));
const whole = tensor([1, 2], { dtype: 'int32' });
const mask = tensor([true, false]);

console.log(add(single, 0.5).dtype, add(whole, 1).dtype, add(whole, 0.5).dtype); // → float32 int32 float64
console.log(div(whole, 2).dtype, add(whole, single).dtype, add(mask, mask).dtype); // → float64 float32 int32
try {
  add(single, tensor([1, 2]));
} catch (error) {
  console.log(String(error)); // → DTypeError: add: float32 and float64 tensors do not mix (float32 of shape [2], float64 of shape [2]). Convert one of them: x.astype('float64') or y.astype('float32').
}
