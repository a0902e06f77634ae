import { grad, jit, sin, type Tensor, tensor } from '@grad/core';

const slope = jit(grad((x: Tensor) => sin(x.mul(x)).sum()));

addEventListener('message', (event: MessageEvent<number[]>) => {
  postMessage(slope(tensor(event.data)).toArray());
});
