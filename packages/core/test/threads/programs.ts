import {
  argmax,
  conv,
  cumsum,
  type DType,
  foriLoop,
  grad,
  matmul,
  random,
  relu,
  scan,
  sin,
  softmax,
  sort,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
  vmap,
  where,
  whileLoop,
} from '@grad/core';

export interface Program {
  readonly name: string;
  readonly f: (...x: Tensor[]) => Tensor;
  readonly x: readonly Tensor[];
}

function normal(seed: number, shape: readonly number[], dtype: 'float32' | 'float64'): Tensor {
  return random.normal(random.key(seed), shape, { dtype });
}

/** Functions that compile to kernels of all kinds. */
export function programs(dtype: 'float32' | 'float64'): Program[] {
  const [v, w] = [normal(1, [5003], dtype), normal(2, [5003], dtype)];
  const [a, b] = [normal(3, [67, 90], dtype), normal(4, [90, 75], dtype)];
  const deep = [normal(5, [70, 700], dtype), normal(6, [700, 64], dtype)];
  const batch = [normal(7, [18, 20, 30], dtype), normal(8, [18, 30, 22], dtype)];
  const wide = [normal(9, [5, 40], dtype), normal(10, [40, 903], dtype)];
  const image = normal(11, [2, 3, 20, 21], dtype);
  const filters = normal(12, [7, 3, 3, 3], dtype);
  const m = normal(13, [64, 129], dtype);
  const index = tensor(
    Int32Array.from({ length: 900 }, (_, i) => (i * 37) % 64),
    { dtype: 'int32' },
  );
  const layer = (x: Tensor, y: Tensor): Tensor => relu(matmul(x, y).add(1));
  const convolved = (x: Tensor, k: Tensor): Tensor => conv(x, k, { padding: 1 });
  const total =
    (f: Program['f']): Program['f'] =>
    (...x) =>
      sum(sin(f(...x)));
  return [
    { name: 'elementwise', f: (x, y) => sin(x).mul(y).add(x.exp()), x: [v, w] },
    { name: 'broadcast', f: (x) => x.add(x.at(3)).mul(x.at(null, [0, 1])), x: [m] },
    { name: 'transposed', f: (x) => transpose(x).mul(2).add(1), x: [m] },
    { name: 'choice', f: (x, y) => where(x.gt(y), x, y.sqrt()), x: [v, w] },
    { name: 'sum of all', f: (x, y) => sum(x.mul(y)), x: [v, w] },
    { name: 'sum of a matrix', f: (x) => sum(x), x: [m] },
    { name: 'sums together', f: (x, y) => sum(x.mul(y)).add(sum(x.mul(y).exp())), x: [v, w] },
    { name: 'sums of a matrix together', f: (x) => sum(sin(x)).div(sum(sin(x).exp())), x: [m] },
    { name: 'sum and what follows', f: (x) => x.div(sum(x.square()).sqrt()), x: [v] },
    { name: 'sums of rows', f: (x) => sum(x, { axis: 1 }), x: [m] },
    { name: 'sums of columns', f: (x) => sum(x, { axis: 0 }), x: [m] },
    { name: 'greatest', f: (x) => x.max({ axis: 1 }).add(argmax(x, { axis: 1 })), x: [m] },
    { name: 'softmax', f: (x) => softmax(x), x: [m] },
    { name: 'product', f: matmul, x: [a, b] },
    { name: 'product with fused operations', f: layer, x: [a, b] },
    {
      name: 'product of transposed',
      f: (x, y) => matmul(transpose(x).mul(2), transpose(y)),
      x: [b, a],
    },
    { name: 'deep product', f: (x, y) => matmul(x.add(1), y), x: deep },
    { name: 'products', f: (x, y) => matmul(x, y), x: batch },
    { name: 'wide product', f: (x, y) => matmul(x, y.mul(2)), x: wide },
    { name: 'convolution', f: convolved, x: [image, filters] },
    { name: 'gradient of a product', f: grad(total(layer)), x: [a, b] },
    {
      name: 'gradient of a convolution',
      f: grad(total(convolved), { argnums: 1 }),
      x: [image, filters],
    },
    { name: 'gather', f: (x, i) => take(x, i), x: [m, index] },
    { name: 'gradient of a gather', f: grad((x: Tensor) => sum(sin(take(x, index)))), x: [m] },
    { name: 'running sum', f: (x) => cumsum(x, { axis: 1 }), x: [m] },
    { name: 'sort', f: (x) => sort(x, { axis: 1 }), x: [m] },
    {
      name: 'loop over products',
      f: (x) => foriLoop(0, 5, (_, c) => matmul(c, x).mul(0.1), x),
      x: [normal(14, [48, 48], dtype)],
    },
    {
      name: 'gradient of a scan',
      f: grad((x: Tensor) => {
        const step = (c: Tensor) => [sin(c).add(x), sum(c)] as const;
        const [last, sums] = scan(step, x, [], { length: 4 });
        return sum(last).add(sum(sums));
      }),
      x: [v],
    },
    {
      name: 'loop of unknown length',
      f: (x) =>
        whileLoop(
          (c) => sum(c.square()).gt(1),
          (c) => c.mul(0.5),
          x,
        ),
      x: [v],
    },
    { name: 'batched', f: vmap((x: Tensor) => sum(sin(x)).add(x)), x: [m] },
  ];
}

export const dtypes: readonly Extract<DType, `float${string}`>[] = ['float64', 'float32'];
