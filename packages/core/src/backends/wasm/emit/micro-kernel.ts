import { Code } from '../encode/code.ts';
import type { ModuleParts } from './parts.ts';

/** Rows and vectors of sums that are kept in registers, and bytes between their neighbours. */
export interface TileShape {
  readonly kind: 'f64' | 'f32';
  readonly rows: number;
  readonly vectors: number;
  /** Between factors of two rows. */
  readonly rowStride: number;
  /** The loops of a block of terms, the outermost first. */
  readonly loops: readonly TermLoop[];
  /** Between two rows of the tile. */
  readonly tileStride: number;
}

/** Iterations, and bytes between the factors of two of them. */
export interface TermLoop {
  /** Those of the first loop are what the terms of a call make of it. */
  readonly extent: number;
  readonly row: number;
  readonly column: number;
}

/** Terms in one round of a loop of unknown length, and in code without a loop at most. */
const unrolled = 4;
const mostUnrolled = 12;

/** Loops that step as one become one. */
function merged([first, ...others]: readonly TermLoop[]): TermLoop[] {
  if (!first) return [];
  const [next, ...more] = merged(others);
  if (!next) return [first];
  const { extent, row, column } = next;
  if (first.row !== extent * row || first.column !== extent * column) {
    return [first, next, ...more];
  }
  return [{ extent: first.extent * extent, row, column }, ...more];
}

export function lanesOf(kind: TileShape['kind']): 2 | 4 {
  return kind === 'f64' ? 2 : 4;
}

export function bytesOf(kind: TileShape['kind']): number {
  return kind === 'f64' ? 8 : 4;
}

/**
 * A function of the addresses of factors of rows, of columns and of a tile of sums, of the number of
 * terms, and of whether the tile is new: it adds the sums of the products to the tile. For each
 * term, there is a number for each row, and a few vectors of columns. All vectors of the tile, of
 * one term and the number that they meet fit 16 registers.
 *
 * @see Goto and van de Geijn, Anatomy of high-performance matrix multiplication, ACM Transactions
 *   on Mathematical Software 34 (2008), article 12.
 */
export function printMicroKernel(parts: ModuleParts, shape: TileShape): number {
  const { kind, rows, vectors, rowStride, tileStride } = shape;
  const [outer, ...inner] = merged(shape.loops);
  if (!outer) throw new Error('A sum without terms has no tiles.');
  const builder = parts.module.function(['i32', 'i32', 'i32', 'i32', 'i32'], []);
  const { code } = builder;
  const [row, column, tile, given, fresh] = [0, 1, 2, 3, 4];
  const sums = Array.from({ length: rows }, () =>
    Array.from({ length: vectors }, () => builder.newLocal('v128')),
  );
  const operands = Array.from({ length: vectors }, () => builder.newLocal('v128'));
  const spread = builder.newLocal('v128');
  const count = builder.newLocal('i32');
  const load = kind === 'f64' ? 'v128.load64_splat' : 'v128.load32_splat';
  const lanes = kind === 'f64' ? 'f64x2' : 'f32x4';
  const products = sums.map((ofRow) => productCode(ofRow, operands, spread, lanes, parts.fused));
  const term = (rowAt: number, columnAt: number): void => {
    operands.forEach((operand, v) => {
      code.get(column);
      code.memory('v128.load', columnAt + v * 16);
      code.set(operand);
    });
    products.forEach((ofRow, r) => {
      code.get(row);
      code.memory(load, rowAt + r * rowStride);
      code.set(spread);
      code.append(ofRow);
    });
  };
  const step = ({ row: ofRow, column: ofColumn }: TermLoop, by: number): void => {
    advance(code, row, by * ofRow);
    advance(code, column, by * ofColumn);
  };
  /** Runs loops inside each other, from offsets that are constants. */
  const nested = (
    [first, ...others]: readonly TermLoop[],
    rowAt: number,
    columnAt: number,
  ): void => {
    if (!first) {
      term(rowAt, columnAt);
      return;
    }
    const { extent, row: ofRow, column: ofColumn } = first;
    if (others.reduce((size, loop) => size * loop.extent, extent) <= mostUnrolled) {
      for (let i = 0; i < extent; i++) nested(others, rowAt + i * ofRow, columnAt + i * ofColumn);
      return;
    }
    const left = builder.newLocal('i32');
    code.i32(extent);
    code.set(left);
    countDown(code, left, () => {
      nested(others, rowAt, columnAt);
      step(first, 1);
    });
    step(first, -extent);
  };
  const rounds = (length: number): void => {
    code.get(count);
    code.if(() =>
      countDown(code, count, () => {
        for (let i = 0; i < length; i++) nested(inner, i * outer.row, i * outer.column);
        step(outer, length);
      }),
    );
  };
  const terms = inner.reduce((size, loop) => size * loop.extent, 1);
  if (terms > 1) {
    code.get(given);
    code.i32(terms);
    code.op('i32.div_u');
    code.set(count);
    rounds(1);
  } else {
    code.get(given);
    code.i32(Math.log2(unrolled));
    code.op('i32.shr_u');
    code.set(count);
    rounds(unrolled);
    code.get(given);
    code.i32(unrolled - 1);
    code.op('i32.and');
    code.set(count);
    rounds(1);
  }
  const store = (add: boolean): void => {
    sums.forEach((ofRow, r) => {
      ofRow.forEach((sum, v) => {
        const offset = r * tileStride + v * 16;
        code.get(tile);
        if (add) {
          code.get(tile);
          code.memory('v128.load', offset);
        }
        code.get(sum);
        if (add) code.op(`${lanes}.add`);
        code.memory('v128.store', offset);
      });
    });
  };
  code.get(fresh);
  code.if(() => {
    store(false);
    code.else();
    store(true);
  });
  return builder.index;
}

/** Adds the products of a number in all lanes and some vectors to the sums of a row. */
function productCode(
  sums: readonly number[],
  operands: readonly number[],
  spread: number,
  lanes: string,
  fused: boolean,
): Code {
  const code = new Code();
  sums.forEach((sum, v) => {
    if (!fused) code.get(sum);
    code.get(spread);
    code.get(operands[v] ?? 0);
    if (fused) code.get(sum);
    else code.op(`${lanes}.mul`);
    code.op(`${lanes}.${fused ? 'relaxed_madd' : 'add'}`);
    code.set(sum);
  });
  return code;
}

function advance(code: Code, local: number, by: number): void {
  if (by === 0) return;
  code.get(local);
  code.i32(by);
  code.op('i32.add');
  code.set(local);
}

/** Runs `body` as often as a local says, at least once. */
function countDown(code: Code, local: number, body: () => void): void {
  code.loop(() => {
    body();
    advance(code, local, -1);
    code.get(local);
    code.brIf(0);
  });
}
