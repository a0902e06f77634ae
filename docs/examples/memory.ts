import { arange, jit, ones, type Tensor } from '@grad/core';

// Nothing has to be freed: a thousand results of 800 kB each, and memory stays where it was.
const x = ones([100_000]);
let total = 0;
for (let i = 0; i < 1000; i++) total += x.mul(i).at(0).item();
console.log(total); // → 499500

// A look at the elements where they are. toArray(), dataSync() and ndarray() copy them.
const squares = arange(100_000).square();
console.log(squares.read((data) => data[300])); // → 90000

// Freed at once, and not usable any more. `using squares = ...` does it at the end of a block.
squares.dispose();
try {
  squares.sum();
} catch (error) {
  console.log(String(error));
  // → ReferenceError: sum: the tensor (int32 of shape [100000]) was disposed. Call dispose() after the last use.
}

// A state that each step replaces: the call takes the old one's memory back.
const step = jit((position: Tensor, rate: Tensor) => position.sub(position.mul(rate)), {
  donate: [0],
});
let position = ones([100_000]);
for (let i = 0; i < 20; i++) position = step(position, 0.5);
console.log(position.at(0).item() === 2 ** -20); // → true
