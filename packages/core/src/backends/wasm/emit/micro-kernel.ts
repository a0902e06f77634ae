import type { Code } from '../encode/code.ts';
import type { ModuleParts } from './parts.ts';
import type { Strides } from './tile-access.ts';

/** Rows and vectors of sums that are kept in registers, and bytes between their neighbours. */
export interface TileShape {
  readonly kind: 'f64' | 'f32';
  readonly rows: number;
  readonly vectors: number;
  /** Between factors of two rows, and of two terms. */
  readonly rowStrides: Omit<Strides, 'piece'>;
  /** Between factors of two terms. */
  readonly columnTerm: number;
  /** Between two rows of the tile. */
  readonly tileStride: number;
}

/** Terms in one round of the loop. */
const unrolled = 4;

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
  const { kind, rows, vectors, rowStrides, columnTerm, tileStride } = shape;
  const builder = parts.module.function(['i32', 'i32', 'i32', 'i32', 'i32'], []);
  const { code } = builder;
  const [row, column, tile, terms, fresh] = [0, 1, 2, 3, 4];
  const sums = Array.from({ length: rows }, () =>
    Array.from({ length: vectors }, () => builder.newLocal('v128')),
  );
  const operands = Array.from({ length: vectors }, () => builder.newLocal('v128'));
  const spread = builder.newLocal('v128');
  const count = builder.newLocal('i32');
  const load = kind === 'f64' ? 'v128.load64_splat' : 'v128.load32_splat';
  const lanes = kind === 'f64' ? 'f64x2' : 'f32x4';
  const term = (at: number): void => {
    operands.forEach((operand, v) => {
      code.get(column);
      code.memory('v128.load', at * columnTerm + v * 16);
      code.set(operand);
    });
    sums.forEach((ofRow, r) => {
      code.get(row);
      code.memory(load, at * rowStrides.term + r * rowStrides.across);
      code.set(spread);
      ofRow.forEach((sum, v) => {
        const operand = operands[v] ?? 0;
        if (parts.fused) {
          code.get(spread);
          code.get(operand);
          code.get(sum);
          code.op(`${lanes}.relaxed_madd`);
        } else {
          code.get(sum);
          code.get(spread);
          code.get(operand);
          code.op(`${lanes}.mul`);
          code.op(`${lanes}.add`);
        }
        code.set(sum);
      });
    });
  };
  const rounds = (length: number): void => {
    code.get(count);
    code.if(() => {
      code.loop(() => {
        for (let at = 0; at < length; at++) term(at);
        advance(code, row, length * rowStrides.term);
        advance(code, column, length * columnTerm);
        advance(code, count, -1);
        code.get(count);
        code.brIf(0);
      });
    });
  };
  code.get(terms);
  code.i32(Math.log2(unrolled));
  code.op('i32.shr_u');
  code.set(count);
  rounds(unrolled);
  code.get(terms);
  code.i32(unrolled - 1);
  code.op('i32.and');
  code.set(count);
  rounds(1);
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

function advance(code: Code, local: number, by: number): void {
  code.get(local);
  code.i32(by);
  code.op('i32.add');
  code.set(local);
}
