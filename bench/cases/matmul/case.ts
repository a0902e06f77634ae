import {
  type Case,
  type Inputs,
  noise,
  type Precision,
  type Target,
  type Variant,
} from '../../src/suite.ts';

type Shape = readonly [m: number, k: number, n: number];

const inputs =
  ([m, k, n]: Shape, precision: Precision, variant = 'AB') =>
  (): Inputs => ({
    x: noise(variant === "A'B" ? [k, m] : [m, k], precision, { seed: 1 }),
    y: noise(variant === "AB'" ? [n, k] : [k, n], precision, { seed: 2 }),
  });

/** The targets for products of square matrices. */
function targets(n: number, precision: Precision): Target[] {
  if (precision === 'float64') return n >= 256 ? [{ side: 'float32', atMost: 2 }] : [];
  const floor = n >= 512 ? 0.83 : 0.75;
  return [
    ...(n >= 256 ? [{ side: 'micro-kernel', atMost: 1 / floor }] : []),
    ...(n === 255 ? [{ side: '256', atMost: 1 / 0.85 }] : []),
    ...(n >= 64
      ? [
          { side: 'jax-js', atMost: 1 / 1.4 },
          { side: 'tfjs-wasm', atMost: 1 / 3 },
        ]
      : []),
  ];
}

function variants(n: number, precision: Precision): Record<string, Variant> {
  if (precision === 'float64') {
    return { float32: { options: { variant: 'AB' }, inputs: inputs([n, n, n], 'float32') } };
  }
  return n === 255
    ? { 256: { inputs: inputs([256, 256, 256], precision), flops: 2 * 256 ** 3 } }
    : {};
}

const flopsOf = ([m, k, n]: Shape): number => 2 * m * k * n;

/** The cpu backend of tfjs does about 1 GFLOP/s, jax-js about as many in double precision. */
function without(flops: number, precision: Precision): string[] {
  if (flops < 5e8) return [];
  return precision === 'float64' ? ['tfjs-cpu', 'jax-js'] : ['tfjs-cpu'];
}

const common = { group: 'matmul', program: 'matmul' } as const;

function square(n: number, precision: Precision): Case {
  const shape = [n, n, n] as const;
  return {
    ...common,
    name: `matmul ${n}`,
    precision,
    options: { variant: 'AB' },
    inputs: inputs(shape, precision),
    flops: flopsOf(shape),
    variants: variants(n, precision),
    without: without(flopsOf(shape), precision),
    targets: targets(n, precision),
  };
}

function oblong(shape: Shape, precision: Precision, variant: 'AB' | "A'B" | "AB'" = 'AB'): Case {
  return {
    ...common,
    name: `matmul ${shape.join('x')}${variant === 'AB' ? '' : ` ${variant}`}`,
    precision,
    options: { variant },
    inputs: inputs(shape, precision, variant),
    flops: flopsOf(shape),
    without: without(flopsOf(shape), precision),
  };
}

function batched(batch: number, [m, k, n]: Shape, precision: Precision): Case {
  return {
    ...common,
    name: `${batch} matmul ${m}x${k}x${n}`,
    precision,
    options: { variant: 'AB' },
    inputs: () => ({
      x: noise([batch, m, k], precision, { seed: 1 }),
      y: noise([batch, k, n], precision, { seed: 2 }),
    }),
    flops: batch * flopsOf([m, k, n]),
  };
}

const squares = [16, 32, 64, 128, 255, 256, 257, 512, 1024, 2048];

/** Matrix products of all shapes. */
export const cases: readonly Case[] = (['float32', 'float64'] as const).flatMap((precision) => [
  ...squares.map((n) => square(n, precision)),
  oblong([512, 512, 512], precision, "A'B"),
  oblong([512, 512, 512], precision, "AB'"),
  oblong([1000, 10, 1000], precision),
  oblong([10, 1000, 10], precision),
  oblong([1000, 1000, 10], precision),
  oblong([10, 1000, 1000], precision),
  batched(64, [32, 32, 32], precision),
  batched(10_000, [3, 3, 3], precision),
]);
