import {
  type Affine,
  affineAdd,
  affineConst,
  affineLoop,
  affineScale,
} from '../../src/kernel/affine.ts';
import { cutOf } from '../../src/kernel/cut.ts';
import type { Buffer, Expr, Loop } from '../../src/kernel/expr.ts';
import { binary } from '../../src/kernel/scalars.ts';
import type { Kernel, Statement } from '../../src/kernel/statement.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import { buffer, load, localOf, loopOf, parallel, pointer, read, runModule } from './harness.ts';

export type Float = 'float64' | 'float32';

/** Offsets of nested loops with these strides. */
function at(loops: readonly Loop[], strides: readonly number[], base = 0): Affine {
  return loops.reduce(
    (sum, loop, i) => affineAdd(sum, affineScale(affineLoop(loop), strides[i] ?? 0)),
    affineConst(base),
  );
}

export function noise(count: number, type: Float, whole = false): Data {
  const values = Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898) * 43758.5453;
    return whole ? Math.round(x) % 8 : x - Math.floor(x) - 0.5;
  });
  return type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}

/** A sum of products of x and y in z, over nested loops. */
export interface Product {
  readonly type: Float;
  /** Extents of loops around the rows, and strides of them in x, y and z. */
  readonly batch?: { readonly extent: number; readonly strides: readonly [number, number, number] };
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly terms: readonly number[];
  /** Strides in x of rows then terms, in y of terms then columns, and in z of rows then columns. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly z: readonly number[];
  readonly sizes: readonly [number, number, number];
  /** What is stored, of the sum and the loops of rows and columns. */
  readonly finish?: (sum: Expr, loops: readonly Loop[]) => Expr;
  readonly factors?: (x: Expr, y: Expr) => readonly [Expr, Expr];
  readonly whole?: boolean;
  /** Kernels outside main are tiled. */
  readonly tiled?: boolean;
  readonly fused?: boolean;
}

export function productKernel(p: Product): { kernel: Kernel; x: Buffer; y: Buffer; z: Buffer } {
  const [x, y, z] = ['x', 'y', 'z'].map((name, i) => buffer(name, p.type, p.sizes[i] ?? 0));
  if (!x || !y || !z) throw new Error('unreachable');
  const [b, ofX, ofY, ofZ] = [
    loopOf('b', p.batch?.extent ?? 1),
    ...(p.batch?.strides ?? [0, 0, 0]),
  ];
  const rows = p.rows.map((extent, i) => loopOf(`i${i}`, extent));
  const columns = p.columns.map((extent, i) => loopOf(`j${i}`, extent));
  const terms = p.terms.map((extent, i) => loopOf(`k${i}`, extent));
  const sum = localOf('sum', p.type);
  const loads = [
    load(x, at([b, ...rows, ...terms], [ofX ?? 0, ...p.x])),
    load(y, at([b, ...terms, ...columns], [ofY ?? 0, ...p.y])),
  ] as const;
  const [left, right] = p.factors?.(...loads) ?? loads;
  const body: Statement[] = [
    {
      do: 'reduce',
      combine: 'add',
      loops: terms,
      value: binary('mul', left, right),
      target: sum,
      order: 'blocked',
    },
    {
      do: 'store',
      buffer: z,
      index: at([b, ...rows, ...columns], [ofZ ?? 0, ...p.z]),
      value: p.finish?.(read(sum), [...rows, ...columns]) ?? read(sum),
    },
  ];
  const loops = [...(p.batch ? [b] : []), ...rows, ...columns].toReversed();
  let nest = body;
  for (const loop of loops) nest = [parallel(loop, ...nest)];
  return { kernel: { name: 'product', params: [x, y, z], body: nest }, x, y, z };
}

/** Compiles and runs a product. */
export function compute(p: Product): Data {
  const { kernel, x, y, z } = productKernel(p);
  const outside = p.tiled ?? true;
  const { outputs } = runModule(
    {
      kernels: outside ? [kernel] : [],
      main: outside
        ? [{ do: 'call', kernel, args: [x, y, z].map((part) => pointer(part)) }]
        : kernel.body,
      inputs: [x, y],
      outputs: [z],
    },
    [noise(p.sizes[0], p.type, p.whole), noise(p.sizes[1], p.type, p.whole)],
    undefined,
    { fused: p.fused ?? false },
  );
  return outputs[0] ?? new Float64Array();
}

/** Every position of nested loops. */
function positions(extents: readonly number[]): number[][] {
  return extents.reduce<number[][]>(
    (prefixes, extent) =>
      prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, i) => [...prefix, i])),
    [[]],
  );
}

function offset(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((sum, i, axis) => sum + i * (strides[axis] ?? 0), 0);
}

/** The sums one after the other, in the order that is promised. */
export function expected(p: Product): Data {
  const [x, y] = [noise(p.sizes[0], p.type, p.whole), noise(p.sizes[1], p.type, p.whole)];
  const z = p.type === 'float64' ? new Float64Array(p.sizes[2]) : new Float32Array(p.sizes[2]);
  // What is not written stays what the harness fills memory with.
  new Uint8Array(z.buffer).fill(0xa5);
  const round = p.type === 'float64' ? (v: number): number => v : Math.fround;
  const cut = cutOf(p.terms.map((extent, i) => loopOf(`k${i}`, extent)));
  const blockOf = (k: readonly number[]): string =>
    `${k.slice(0, cut.at)} ${Math.floor((k[cut.at] ?? 0) / cut.size)}`;
  const blocks = positions(p.terms).map(blockOf);
  const ends = blocks.map((block, i) => block !== blocks[i + 1]);
  const offsets = (extents: readonly number[], strides: readonly number[]): number[] =>
    positions(extents).map((position) => offset(position, strides));
  const [ofRows, ofTermsX] = [offsets(p.rows, p.x), offsets(p.terms, p.x.slice(p.rows.length))];
  const [ofTermsY, ofColumns] = [
    offsets(p.terms, p.y),
    offsets(p.columns, p.y.slice(p.terms.length)),
  ];
  const [zRows, zColumns] = [offsets(p.rows, p.z), offsets(p.columns, p.z.slice(p.rows.length))];
  const [batches, ofX = 0, ofY = 0, ofZ = 0] = [p.batch?.extent ?? 1, ...(p.batch?.strides ?? [])];
  for (let b = 0; b < batches; b++) {
    ofRows.forEach((row, i) => {
      ofColumns.forEach((column, j) => {
        let total: number | undefined;
        let sum = 0;
        for (let k = 0; k < ends.length; k++) {
          const a = x[b * ofX + row + (ofTermsX[k] ?? 0)] ?? Number.NaN;
          const c = y[b * ofY + column + (ofTermsY[k] ?? 0)] ?? Number.NaN;
          sum = round(sum + round(a * c));
          if (!ends[k]) continue;
          total = total === undefined ? sum : round(total + sum);
          sum = 0;
        }
        z[b * ofZ + (zRows[i] ?? 0) + (zColumns[j] ?? 0)] = total ?? 0;
      });
    });
  }
  return z;
}

export function matrices(type: Float, m: number, k: number, n: number): Product {
  return {
    type,
    rows: [m],
    columns: [n],
    terms: [k],
    x: [k, 1],
    y: [n, 1],
    z: [n, 1],
    sizes: [m * k, k * n, m * n],
  };
}
