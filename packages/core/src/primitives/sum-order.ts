import type { SumOrder } from '../kernel/statement.ts';
import type { DType } from '../tensor/dtype.ts';

/** Products for which setting up tiles pays. */
const leastWork = 512;

/**
 * The order in which products are summed whose results form rows and columns. By shapes alone, so
 * that the same product has the same bits wherever it is computed.
 */
export function sumOrder(
  dtype: DType,
  { rows, columns, terms }: { rows: number; columns: number; terms: number },
): SumOrder | undefined {
  const isFloat = dtype === 'float64' || dtype === 'float32';
  const isWide = rows >= 4 && columns >= 4 && terms >= 8;
  return isFloat && isWide && rows * columns * terms >= leastWork ? 'blocked' : undefined;
}
