import {
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  full,
  grad,
  hessian,
  jit,
  random,
  type Tensor,
  tensor,
  vjp,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/tensor/shape.ts';

const seed = random.key(3);
const drawn = (k: number, shape: readonly number[], dtype: 'float64' | 'float32' = 'float64') =>
  random.uniform(random.foldIn(seed, k), shape, { low: -1, high: 1, dtype });

/** Calls `visit` with every position of a shape. */
function everywhere(shape: readonly number[], visit: (at: number[]) => void): void {
  for (let i = 0; i < sizeOf(shape); i++) {
    let rest = i;
    const at = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = rest % (shape[axis] ?? 1);
      rest = Math.floor(rest / (shape[axis] ?? 1));
    }
    visit(at);
  }
}

class Grid {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  constructor(shape: readonly number[], data?: ArrayLike<number>) {
    this.shape = shape;
    this.data = data ? Float64Array.from(data) : new Float64Array(sizeOf(shape));
  }
  #offset(at: readonly number[]): number {
    let offset = 0;
    for (let axis = 0; axis < at.length; axis++) {
      const place = at[axis] ?? -1;
      const extent = this.shape[axis] ?? 0;
      if (place < 0 || place >= extent) return -1;
      offset = offset * extent + place;
    }
    return offset;
  }
  get(at: readonly number[]): number {
    return this.data[this.#offset(at)] ?? 0;
  }
  add(at: readonly number[], value: number): void {
    const offset = this.#offset(at);
    if (offset >= 0) this.data[offset] = (this.data[offset] ?? 0) + value;
  }
}

const grid = (t: Tensor): Grid => new Grid(t.shape, t.dataSync());

interface Plain {
  strides: number[];
  before: number[];
  dilation: number[];
  inputDilation: number[];
  groups: number;
}

/** The sum that defines a convolution, over zeros wherever x has no element. */
function plainConv(x: Grid, kernel: Grid, shape: readonly number[], o: Plain): Grid {
  const result = new Grid(shape);
  const [out = 0, perGroup = 0, ...taps] = kernel.shape;
  everywhere(shape, ([n = 0, channel = 0, ...y]) => {
    const group = Math.floor(channel / (out / o.groups));
    everywhere([perGroup, ...taps], ([c = 0, ...k]) => {
      const from = y.map((place, i) => {
        const wide =
          place * (o.strides[i] ?? 1) + (k[i] ?? 0) * (o.dilation[i] ?? 1) - (o.before[i] ?? 0);
        const apart = o.inputDilation[i] ?? 1;
        return wide % apart === 0 ? wide / apart : -1;
      });
      const value = x.get([n, group * perGroup + c, ...from]) * kernel.get([channel, c, ...k]);
      result.add([n, channel, ...y], value);
    });
  });
  return result;
}

function expectClose(actual: Tensor, expected: Grid, tolerance = 1e-13): void {
  expect(actual.shape).toEqual(expected.shape);
  actual.dataSync().forEach((value, i) => {
    expect(Math.abs(value - (expected.data[i] ?? Number.NaN))).toBeLessThan(tolerance);
  });
}

const cases: readonly {
  title: string;
  x: number[];
  kernel: number[];
  options: ConvOptions;
  shape: number[];
  plain: Partial<Plain>;
}[] = [
  { title: 'a line', x: [2, 3, 9], kernel: [4, 3, 3], options: {}, shape: [2, 4, 7], plain: {} },
  {
    title: 'an image with padding on all sides',
    x: [1, 2, 5, 4],
    kernel: [3, 2, 3, 2],
    options: { padding: 2 },
    shape: [1, 3, 7, 7],
    plain: { before: [2, 2] },
  },
  {
    title: 'strides and uneven padding',
    x: [2, 2, 6, 7],
    kernel: [2, 2, 3, 3],
    options: { strides: [2, 3], padding: [1, [0, 2]] },
    shape: [2, 2, 3, 3],
    plain: { strides: [2, 3], before: [1, 0] },
  },
  {
    title: 'dilation and groups',
    x: [1, 4, 8, 9],
    kernel: [6, 2, 2, 3],
    options: { dilation: [3, 2], groups: 2 },
    shape: [1, 6, 5, 5],
    plain: { dilation: [3, 2], groups: 2 },
  },
  {
    title: 'one kernel for each channel',
    x: [2, 3, 6],
    kernel: [6, 1, 3],
    options: { groups: 3, padding: 'same' },
    shape: [2, 6, 6],
    plain: { groups: 3, before: [1] },
  },
  {
    title: 'the same extents, the odd zero after',
    x: [1, 1, 5, 6],
    kernel: [1, 1, 4, 3],
    options: { padding: 'same', strides: [1, 2] },
    shape: [1, 1, 5, 3],
    plain: { strides: [1, 2], before: [1, 0] },
  },
  {
    title: 'an operand that is spread',
    x: [1, 2, 4, 3],
    kernel: [2, 2, 3, 2],
    options: { inputDilation: [2, 3], padding: 1 },
    shape: [1, 2, 7, 8],
    plain: { inputDilation: [2, 3], before: [1, 1] },
  },
  {
    title: 'a volume',
    x: [1, 2, 3, 4, 3],
    kernel: [2, 2, 2, 2, 2],
    options: { padding: [0, 1, 0] },
    shape: [1, 2, 2, 5, 2],
    plain: { before: [0, 1, 0] },
  },
  {
    title: 'padding that takes away',
    x: [1, 1, 7],
    kernel: [1, 1, 2],
    options: { padding: [[-2, 1]] },
    shape: [1, 1, 5],
    plain: { before: [-2] },
  },
];

describe('conv', () => {
  test.each(cases)('is the sum that defines it, with $title', (c) => {
    const count = c.x.length - 2;
    const ones = new Array<number>(count).fill(1);
    const plain: Plain = {
      strides: ones,
      before: ones.map(() => 0),
      dilation: ones,
      inputDilation: ones,
      groups: 1,
      ...c.plain,
    };
    const [x, kernel] = [drawn(1, c.x), drawn(2, c.kernel)];
    const f = (a: Tensor, b: Tensor): Tensor => conv(a, b, c.options);
    const expected = plainConv(grid(x), grid(kernel), c.shape, plain);
    expectClose(f(x, kernel), expected);
    expectClose(jit(f)(x, kernel), expected);
    expectClose(f(x.astype('float32'), kernel.astype('float32')), expected, 1e-5);
    checkGrads(f, [x, kernel], { order: 2 });
  });

  test('has third derivatives, in both operands together', () => {
    const f = (x: Tensor, kernel: Tensor): Tensor =>
      conv(x, conv(kernel, kernel, { padding: 1 }), { padding: 1 });
    checkGrads(f, [drawn(1, [1, 2, 4, 5]), drawn(2, [2, 2, 3, 3])], { order: 3 });
  });

  test('of a batch of images, of kernels, and of both is a loop', () => {
    const [xs, kernels] = [drawn(1, [3, 1, 4, 5]), drawn(2, [3, 2, 2, 3])];
    const f = (x: Tensor, kernel: Tensor): Tensor =>
      conv(x, kernel, { groups: 2, padding: 1, strides: 2 });
    const each = (x: (i: number) => Tensor, k: (i: number) => Tensor) =>
      [0, 1, 2].map((i) => f(x(i), k(i)).toArray());
    expect(vmap(f)(xs, kernels).toArray()).toEqual(
      each(
        (i) => xs.at(i),
        (i) => kernels.at(i),
      ),
    );
    expect(vmap(f, { inAxes: [0, null] })(xs, kernels.at(0)).toArray()).toEqual(
      each(
        (i) => xs.at(i),
        () => kernels.at(0),
      ),
    );
    expect(vmap(f, { inAxes: [null, 0] })(xs.at(0), kernels).toArray()).toEqual(
      each(
        () => xs.at(0),
        (i) => kernels.at(i),
      ),
    );
  });

  test('takes integers, and an empty batch', () => {
    const x = tensor([[[1, 2, 3, 4]]], { dtype: 'int32' });
    expect(conv(x, tensor([[[1, -1]]], { dtype: 'int32' })).toArray()).toEqual([[[-1, -1, -1]]]);
    expect(conv(drawn(1, [0, 2, 4]), drawn(2, [3, 2, 2])).shape).toEqual([0, 3, 3]);
  });

  test('says what does not fit', () => {
    const x = drawn(1, [1, 4, 5]);
    expect(() => conv(x, drawn(2, [2, 3, 2]))).toThrow('conv: with groups 1, the kernel is [out');
    expect(() => conv(x, drawn(2, [3, 2, 2]), { groups: 2 })).toThrow('groups divide both');
    expect(() => conv(x, drawn(2, [2, 4, 2, 2]))).toThrow('the same spatial axes are needed');
    expect(() => conv(x, drawn(2, [2, 4, 6]))).toThrow('reaches over 6 entries');
    expect(() => conv(x, drawn(2, [2, 4, 0]))).toThrow('the kernel has no taps');
    expect(() => conv(x, drawn(2, [2, 4, 2]), { strides: 0 })).toThrow('strides is 0');
    expect(() => conv(x, drawn(2, [2, 4, 2]), { dilation: [1, 1] })).toThrow('dilation is [1,1]');
    expect(() => conv(x, drawn(2, [2, 4, 2]), { padding: [1, 1] })).toThrow('padding is [1,1]');
  });
});

const transposed: readonly { x: number[]; kernel: number[]; options: ConvTransposeOptions }[] = [
  { x: [2, 3, 5], kernel: [3, 2, 3], options: {} },
  { x: [1, 2, 4, 3], kernel: [2, 3, 3, 2], options: { strides: [2, 3], padding: 1 } },
  {
    x: [1, 4, 3, 4],
    kernel: [4, 2, 2, 3],
    options: { strides: 2, outputPadding: 1, dilation: [1, 2], groups: 2 },
  },
  { x: [1, 1, 4], kernel: [1, 2, 2], options: { padding: 2, strides: 2 } },
  { x: [1, 2, 2, 3, 2], kernel: [2, 1, 2, 2, 2], options: { strides: [1, 2, 1] } },
];

describe('convTranspose', () => {
  test.each(transposed)('spreads each element of x over the taps: %j', ({ x, kernel, options }) => {
    const { strides = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
    const at = (option: unknown, i: number): number =>
      Number(Array.isArray(option) ? option[i] : option);
    const [a, b] = [drawn(1, x), drawn(2, kernel)];
    const [channels = 0, perGroup = 0, ...taps] = kernel;
    const extents = x.slice(2).map((extent, i) => {
      const reach = at(dilation, i) * ((taps[i] ?? 1) - 1);
      return (extent - 1) * at(strides, i) - 2 * at(padding, i) + reach + at(outputPadding, i) + 1;
    });
    const expected = new Grid([x[0] ?? 0, perGroup * groups, ...extents]);
    const [values, weights] = [grid(a), grid(b)];
    everywhere(x, ([n = 0, c = 0, ...place]) => {
      const group = Math.floor(c / (channels / groups));
      everywhere([perGroup, ...taps], ([o = 0, ...k]) => {
        const to = place.map(
          (p, i) => p * at(strides, i) + (k[i] ?? 0) * at(dilation, i) - at(padding, i),
        );
        const value = values.get([n, c, ...place]) * weights.get([c, o, ...k]);
        expected.add([n, group * perGroup + o, ...to], value);
      });
    });
    const f = (u: Tensor, v: Tensor): Tensor => convTranspose(u, v, options);
    expectClose(f(a, b), expected);
    expectClose(jit(f)(a, b), expected);
    checkGrads(f, [a, b], { order: 2 });
  });

  test('is the derivative of conv with the same kernel and options', () => {
    const [x, kernel] = [drawn(1, [1, 2, 7, 6]), drawn(2, [4, 1, 3, 2])];
    const [y, pullback] = vjp(
      (u: Tensor) => conv(u, kernel, { strides: 2, padding: 1, groups: 2 }),
      x,
    );
    const ct = drawn(3, y.shape);
    const back = convTranspose(ct, kernel, { strides: 2, padding: 1, groups: 2 });
    expectClose(back, grid(pullback(ct)[0]));
  });

  test('says what does not fit', () => {
    const x = drawn(1, [1, 2, 3]);
    const kernel = drawn(2, [2, 1, 2]);
    expect(() => convTranspose(x, drawn(2, [3, 1, 2]))).toThrow('the kernel is [in, out / groups');
    expect(() => convTranspose(x, kernel, { outputPadding: 1 })).toThrow('outputPadding is 1');
    expect(() => convTranspose(x, kernel, { padding: 3 })).toThrow('nothing is left of x');
  });
});

test('a network of convolutions learns the kernel that made its data', () => {
  const truth = drawn(1, [1, 1, 3, 3]);
  const x = drawn(2, [4, 1, 8, 8]);
  const target = conv(x, truth, { padding: 'same' });
  const loss = (kernel: Tensor): Tensor =>
    conv(x, kernel, { padding: 'same' }).sub(target).square().mean();
  const step = jit((kernel: Tensor) => kernel.sub(grad(loss)(kernel).mul(0.8)));
  let kernel = drawn(3, [1, 1, 3, 3]);
  for (let i = 0; i < 100; i++) kernel = step(kernel);
  expect(kernel.sub(truth).abs().max().item()).toBeLessThan(1e-6);
});

test('batches without entries keep their shapes in derivatives', () => {
  const f = (x: Tensor): Tensor =>
    convTranspose(full([2, 2, 3], 1).mul(x), full([2, 1, 2], 1).mul(x), { strides: 2 });
  const batch = (x: Tensor): Tensor => vmap((t: Tensor) => f(t).sum())(x);
  const none = tensor([1]).at([0, 0]);
  expect(vmap(f)(none).shape).toEqual([0, 2, 1, 6]);
  expect(grad((x: Tensor) => batch(x).sum())(none).shape).toEqual([0]);
  expect(vmap(hessian((t: Tensor) => f(t).square().sum()))(none).shape).toEqual([0]);
});
