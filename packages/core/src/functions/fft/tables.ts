import { type FourierPlan, fillRoots, fourierPlan } from '../../primitives/fourier-plan.ts';
import { transformed } from '../../primitives/fourier-transform.ts';
import { rootOfUnity } from '../../primitives/root-of-unity.ts';
import { allocate, type DType } from '../../tensor/dtype.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';
import { executor } from '../../trace/executor.ts';
import { trace } from '../../trace/trace.ts';

/** Real parts, then imaginary parts. */
interface Constants {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Complex constants of all tables that are kept, at most, the last one not counted. */
const keptEntries = 2 ** 21;

/** Tables by what they are of, the one used last at the end. */
const kept = new Map<string, Tensor>();

function remembered(key: string, dtype: DType, make: () => Constants): Tensor {
  const name = `${key} ${dtype}`;
  const table = kept.get(name) ?? toTensor(make(), dtype);
  kept.delete(name);
  kept.set(name, table);
  let entries = [...kept.values()].reduce((sum, { size }) => sum + size / 2, 0);
  for (const [oldest, { size }] of kept) {
    if (entries <= keptEntries || oldest === name) break;
    kept.delete(oldest);
    entries -= size / 2;
  }
  return table;
}

function toTensor({ re, im }: Constants, dtype: DType): Tensor {
  const data = allocate(dtype, 2 * re.length);
  data.set(re);
  data.set(im, re.length);
  return fromData(dtype, [2, re.length], data);
}

/** The table of `fourier` for an extent. Constants are made in float64, and rounded once. */
export function fourierTable(n: number, dtype: DType): Tensor {
  return remembered(`plan ${n}`, dtype, () => {
    const plan = fourierPlan(n);
    const table = { re: new Float64Array(plan.to), im: new Float64Array(plan.to) };
    fillRoots(plan, table.re, table.im);
    fillSpectra(plan, table);
    return table;
  });
}

/** exp(-2 pi i k / n) for k from 0 to n / 2. */
export function halfTurn(n: number, dtype: DType): Tensor {
  return remembered(`half ${n}`, dtype, () => {
    const count = Math.floor(n / 2) + 1;
    const table = { re: new Float64Array(count), im: new Float64Array(count) };
    for (let k = 0; k < count; k++) {
      const [cos, sin] = rootOfUnity(k, n);
      table.re[k] = cos;
      table.im[k] = -sin;
    }
    return table;
  });
}

/** Writes the transforms of wrapped chirps into a table with roots of unity. */
function fillSpectra(plan: FourierPlan, table: Constants): void {
  for (const { radix, chirp } of plan.steps) {
    if (!chirp) continue;
    const { length } = chirp.inner;
    const re = new Float64Array(length);
    const im = new Float64Array(length);
    for (let j = 0; j < radix; j++) {
      for (const at of [j, (length - j) % length]) {
        re[at] = (table.re[chirp.chirp + j] ?? 0) / length;
        im[at] = -(table.im[chirp.chirp + j] ?? 0) / length;
      }
    }
    const spectrum = spectrumOf(chirp.inner, { re, im }, table);
    table.re.set(spectrum.re, chirp.spectrum);
    table.im.set(spectrum.im, chirp.spectrum);
  }
}

function spectrumOf(plan: FourierPlan, { re, im }: Constants, table: Constants): Constants {
  const x = [re, im].map((part) => fromData('float64', [1, plan.length, 1], part));
  const operands = [...x, toTensor(table, 'float64')];
  const { program } = trace(
    operands.map(({ type }) => type),
    (...[first, second, all]) => {
      if (!first || !second || !all) throw new Error('unreachable');
      const made = transformed({ re: first, im: second }, plan, all);
      return [made.re, made.im];
    },
    { name: 'fourierTable' },
  );
  const [even, odd] = executor().run(program, operands);
  return {
    re: Float64Array.from(even?.dataSync() ?? []),
    im: Float64Array.from(odd?.dataSync() ?? []),
  };
}
