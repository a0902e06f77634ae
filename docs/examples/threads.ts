import { jit, matmul, random, setThreads, sum, type Tensor, tanh, threads } from '@grad/core';

const w = random.normal(random.key(0), [512, 512], { dtype: 'float32' });
const layer = (x: Tensor): Tensor => sum(tanh(matmul(x, w)).square());
const energy = jit(layer);
const alone = energy(w).item();
console.log(threads()); // → 1

// From now on calls run on two threads; nobody has to wait until they are there.
// There are two in Node and in pages that are isolated, as said below; elsewhere one.
const ready = await setThreads(2);
console.log(ready === threads()); // → true

// The same bits, whatever the number.
console.log(energy(w).item() === alone); // → true
console.log(jit(layer, { threads: 4 })(w).item() === alone); // → true

await setThreads(1);
console.log(threads()); // → 1
