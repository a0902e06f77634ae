import {
  add,
  conv,
  grad,
  jit,
  matmul,
  mean,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
} from '../../../packages/core/src/index.ts';
import type { Precision } from '../floor.ts';

/** Work whose speed is told in floating-point operations a second. */
export interface Case {
  readonly group: string;
  readonly name: string;
  readonly precision: Precision;
  readonly flops: number;
  /** Makes the work ready; each call does it once. */
  prepare(): () => void;
}

function noise(shape: readonly number[], precision: Precision): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898));
  const data = precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  return reshape(tensor(data), shape);
}

const product = jit((x: Tensor, y: Tensor) => matmul(x, y));
const productOfTransposed = jit((x: Tensor, y: Tensor) => matmul(transpose(x), y));
const productByTransposed = jit((x: Tensor, y: Tensor) => matmul(x, transpose(y)));

function matrixCase(
  [m, k, n]: readonly [number, number, number],
  precision: Precision,
  variant: 'AB' | "A'B" | "AB'" = 'AB',
): Case {
  return {
    group: 'matmul',
    name: `matmul ${m === k && k === n ? m : `${m}x${k}x${n}`}${variant === 'AB' ? '' : ` ${variant}`}`,
    precision,
    flops: 2 * m * k * n,
    prepare: () => {
      const x = noise(variant === "A'B" ? [k, m] : [m, k], precision);
      const y = noise(variant === "AB'" ? [n, k] : [k, n], precision);
      const f = { AB: product, "A'B": productOfTransposed, "AB'": productByTransposed }[variant];
      return () => f(x, y).dispose();
    },
  };
}

function batchCase(
  batch: number,
  [m, k, n]: readonly [number, number, number],
  precision: Precision,
): Case {
  return {
    group: 'matmul',
    name: `${batch} matmul ${m}x${k}x${n}`,
    precision,
    flops: 2 * batch * m * k * n,
    prepare: () => {
      const [x, y] = [noise([batch, m, k], precision), noise([batch, k, n], precision)];
      return () => product(x, y).dispose();
    },
  };
}

interface Convolution {
  readonly images: number;
  readonly channels: number;
  readonly kernels: number;
  readonly extent: number;
  readonly taps: number;
  readonly padding: 'same' | 'valid';
}

function convolutionCases(c: Convolution, precision: Precision): Case[] {
  const positions = (c.padding === 'same' ? c.extent : c.extent - c.taps + 1) ** 2;
  const flops = 2 * c.images * c.channels * c.kernels * positions * c.taps ** 2;
  const apply = (x: Tensor, w: Tensor): Tensor => conv(x, w, { padding: c.padding });
  const loss = (x: Tensor, w: Tensor): Tensor => {
    const y = apply(x, w);
    return sum(mul(y, y));
  };
  const prepare = (f: (x: Tensor, w: Tensor) => Tensor) => (): (() => void) => {
    const x = noise([c.images, c.channels, c.extent, c.extent], precision);
    const w = noise([c.kernels, c.channels, c.taps, c.taps], precision);
    const compiled = jit(f);
    return () => compiled(x, w).dispose();
  };
  const name = `conv ${c.taps}x${c.taps} ${c.channels} to ${c.kernels}, ${c.images} of ${c.extent}x${c.extent}`;
  const common = { group: 'conv', precision } as const;
  return [
    { ...common, name, flops, prepare: prepare(apply) },
    {
      ...common,
      name: `${name}, with gradient in x`,
      flops: 2 * flops,
      prepare: prepare((x, w) => grad(loss, { argnums: 0 })(x, w)),
    },
    {
      ...common,
      name: `${name}, with gradient in kernels`,
      flops: 2 * flops,
      prepare: prepare((x, w) => grad(loss, { argnums: 1 })(x, w)),
    },
  ];
}

interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}

function mlpCase(): Case {
  const sizes = [64, 256, 256, 10];
  const batch = 64;
  const pairs = sizes.slice(1).map((to, i) => [sizes[i] ?? 0, to] as const);
  const loss = (layers: readonly Layer[], x: Tensor, y: Tensor): Tensor => {
    const last = layers.length - 1;
    const out = layers.reduce((h, { w, b }, i) => {
      const linear = add(matmul(h, w), b);
      return i < last ? tanh(linear) : linear;
    }, x);
    const error = sub(out, y);
    return mean(mul(error, error));
  };
  return {
    group: 'mlp',
    name: 'step of an MLP 64-256-256-10, batch 64',
    precision: 'float32',
    flops: 3 * 2 * batch * pairs.reduce((all, [from, to]) => all + from * to, 0),
    prepare: () => {
      const layers = pairs.map(([from, to]) => ({
        w: noise([from, to], 'float32'),
        b: noise([to], 'float32'),
      }));
      const [x, y] = [noise([batch, 64], 'float32'), noise([batch, 10], 'float32')];
      const step = jit((old: readonly Layer[], input: Tensor, target: Tensor) => {
        const slopes = grad(loss)(old, input, target);
        return old.map(({ w, b }, i) => ({
          w: sub(w, mul(slopes[i]?.w ?? w, 0.01)),
          b: sub(b, mul(slopes[i]?.b ?? b, 0.01)),
        }));
      });
      return () => {
        for (const { w, b } of step(layers, x, y)) {
          w.dispose();
          b.dispose();
        }
      };
    },
  };
}

const precisions = ['float32', 'float64'] as const;
const squares = [16, 32, 64, 128, 255, 256, 257, 512, 1024, 2048];

/** Matrix products, convolutions and a step of training, against the floor. */
export const products: readonly Case[] = [
  ...precisions.flatMap((precision) => [
    ...squares.map((n) => matrixCase([n, n, n], precision)),
    matrixCase([512, 512, 512], precision, "A'B"),
    matrixCase([512, 512, 512], precision, "AB'"),
    matrixCase([1000, 10, 1000], precision),
    matrixCase([10, 1000, 10], precision),
    matrixCase([1000, 1000, 10], precision),
    matrixCase([10, 1000, 1000], precision),
    batchCase(64, [32, 32, 32], precision),
    batchCase(10_000, [3, 3, 3], precision),
  ]),
  ...[
    { images: 8, channels: 64, kernels: 64, extent: 28, taps: 3, padding: 'same' } as const,
    { images: 64, channels: 1, kernels: 6, extent: 28, taps: 5, padding: 'valid' } as const,
    { images: 64, channels: 6, kernels: 16, extent: 12, taps: 5, padding: 'valid' } as const,
  ].flatMap((convolution) => convolutionCases(convolution, 'float32')),
  mlpCase(),
];
