import { complex, fft, grad, jit, type Tensor, tensor } from '@grad/core';

// The spectrum of a sum of waves: at 3 and at 10 turns.
const n = 64;
const grid = Float64Array.from({ length: n }, (_, j) => (2 * Math.PI * j) / n);
const signal = tensor(grid.map((x) => Math.cos(3 * x) + 0.5 * Math.sin(10 * x)));
const { re, im } = fft.rfft(signal, { norm: 'forward' });
console.log(re.at(3).item().toFixed(6), im.at(10).item().toFixed(6)); // → 0.500000 -0.250000

// -u'' = f on a circle: each wave k of f is divided by k^2. The mean of u is free, and 0 here.
const waves = fft.rfftfreq(n, { spacing: 1 / n });
const inverse = tensor(waves.dataSync().map((k) => (k === 0 ? 0 : 1 / k ** 2)));
const solve = (f: Tensor): Tensor => fft.irfft(complex.mul(fft.rfft(f), inverse));

const u = solve(tensor(grid.map((x) => 9 * Math.cos(3 * x))));
console.log(u.at(0).item().toFixed(9)); // → 1.000000000

// How the mean square of u depends on f: the derivative is two more transforms.
const energy = (f: Tensor): Tensor => solve(f).square().mean();
const slope = jit(grad(energy))(tensor(grid.map((x) => 9 * Math.cos(3 * x))));
console.log(slope.mul(n).at(0).item().toFixed(9)); // → 0.222222222
