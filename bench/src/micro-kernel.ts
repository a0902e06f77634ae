/**
 * The floor under matrix products: a micro-kernel of 6 rows by 2 vectors with the machine's own
 * multiply-add, on panels that are packed already and lie in the cache. No whole product can be
 * faster on one core; the rest of a product is packing, edges and memory.
 */

import type { Precision } from './suite.ts';

interface MicroKernel {
  readonly flops: number;
  run(): void;
}

const rows = 6;
const vectors = 2;
const unrolled = 4;
const [m, n, k] = [192, 192, 256];

const op = {
  loop: [0x03, 0x40],
  end: [0x0b],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  i32Mul: [0x6c],
} as const;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const last = rest >= -64 && rest < 64;
    bytes.push((rest & 0x7f) | (last ? 0 : 0x80));
    if (last) return bytes;
  }
}

const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const tee = (local: number): number[] => [0x22, ...unsigned(local)];
const i32 = (value: number): number[] => [0x41, ...signed(value)];
const simd = (code: number): number[] => [0xfd, ...unsigned(code)];
const at = (code: number, align: number, offset: number): number[] => [
  ...simd(code),
  ...unsigned(align),
  ...unsigned(offset),
];
const advance = (local: number, by: number): number[] => [
  ...get(local),
  ...i32(by),
  ...op.i32Add,
  ...set(local),
];

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const body = [...unsigned(items.length), ...items.flat()];
  return [id, ...unsigned(body.length), ...body];
}

function code(
  locals: readonly (readonly [count: number, type: number])[],
  body: number[],
): number[] {
  const declared = locals.flatMap(([count, type]) => [...unsigned(count), type]);
  const whole = [...unsigned(locals.length), ...declared, ...body, ...op.end];
  return [...unsigned(whole.length), ...whole];
}

/** (rows, columns, tile, terms, bytes between rows of the tile): adds a product to a tile. */
function tileOf(precision: Precision): number[] {
  const size = precision === 'float64' ? 8 : 4;
  const width = vectors * 16;
  const sum = (r: number, v: number): number => 5 + r * vectors + v;
  const operand = (v: number): number => 5 + rows * vectors + v;
  const spread = operand(vectors);
  const [splat, splatAlign] = size === 8 ? [0x0a, 3] : [0x09, 2];
  const [madd, add] = size === 8 ? [0x107, 0xf0] : [0x105, 0xe4];
  const body: number[] = [...op.loop];
  for (let u = 0; u < unrolled; u++) {
    for (let v = 0; v < vectors; v++) {
      body.push(...get(1), ...at(0x00, 4, u * width + v * 16), ...set(operand(v)));
    }
    for (let r = 0; r < rows; r++) {
      body.push(...get(0), ...at(splat, splatAlign, (u * rows + r) * size), ...set(spread));
      for (let v = 0; v < vectors; v++) {
        body.push(...get(spread), ...get(operand(v)), ...get(sum(r, v)), ...simd(madd));
        body.push(...set(sum(r, v)));
      }
    }
  }
  body.push(...advance(0, unrolled * rows * size), ...advance(1, unrolled * width));
  body.push(...get(3), ...i32(unrolled), ...op.i32Sub, ...tee(3), 0x0d, 0, ...op.end);
  for (let r = 0; r < rows; r++) {
    for (let v = 0; v < vectors; v++) {
      body.push(...get(2), ...get(2), ...at(0x00, 4, v * 16), ...get(sum(r, v)), ...simd(add));
      body.push(...at(0x0b, 4, v * 16));
    }
    body.push(...get(2), ...get(4), ...op.i32Add, ...set(2));
  }
  return code([[rows * vectors + vectors + 1, 0x7b]], body);
}

/** (rows, columns, tiles): a product of packed panels. */
function product(precision: Precision): number[] {
  const size = precision === 'float64' ? 8 : 4;
  const width = vectors * (16 / size);
  const [row, tile, left] = [3, 4, 5];
  const [columnsLeft, tiles] = [6, 2];
  const inner = [
    ...get(0),
    ...get(row),
    ...op.i32Add,
    ...get(1),
    ...get(tile),
    ...i32(k),
    ...i32(n * size),
    0x10,
    0,
    ...advance(row, k * rows * size),
    ...advance(tile, n * size * rows),
    ...[...get(left), ...i32(1), ...op.i32Sub, ...tee(left), 0x0d, 0],
  ];
  const body = [
    ...[...i32(n / width), ...set(columnsLeft)],
    ...op.loop,
    ...[...i32(0), ...set(row), ...get(tiles), ...set(tile), ...i32(m / rows), ...set(left)],
    ...[...op.loop, ...inner, ...op.end],
    ...advance(1, k * width * size),
    ...advance(tiles, width * size),
    ...[...get(columnsLeft), ...i32(1), ...op.i32Sub, ...tee(columnsLeft), 0x0d, 0],
    ...op.end,
  ];
  return code([[4, 0x7f]], body);
}

/** Makes the floor ready to run. Needs an engine with relaxed SIMD. */
export function microKernel(precision: Precision): MicroKernel {
  const size = precision === 'float64' ? 8 : 4;
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const types = [
    [0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0],
    [0x60, 3, 0x7f, 0x7f, 0x7f, 0],
  ];
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(3, [[0], [1]]),
    ...section(5, [[0, ...unsigned(64)]]),
    ...section(7, [
      [...name('run'), 0, 1],
      [...name('memory'), 2, 0],
    ]),
    ...section(10, [tileOf(precision), product(precision)]),
  ]);
  const { run, memory } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  if (typeof run !== 'function' || !(memory instanceof WebAssembly.Memory)) {
    throw new Error('The micro-kernel exports no run or no memory.');
  }
  const data = size === 8 ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer);
  data.forEach((_, i) => {
    data[i] = Math.sin(i * 12.9898);
  });
  const columns = 64 + m * k * size;
  const tiles = columns + k * n * size;
  return { flops: 2 * m * n * k, run: () => run(64, columns, tiles) };
}
