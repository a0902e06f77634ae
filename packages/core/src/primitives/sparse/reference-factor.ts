import { allocate, type Data, type DType } from '../../tensor/dtype.ts';
import type { ReferenceArray } from '../define.ts';
import { type FactorPlan, fieldCount, fields } from './analysis/factor-plan.ts';
import { at } from './analysis/integers.ts';

/** A dense matrix, row by row. */
type Rows = number[][];

/** Where each element of a factor is in a dense matrix. */
function visitPanels(
  plan: FactorPlan,
  visit: (element: number, row: number, column: number) => void,
): void {
  for (let s = 0; s < plan.panels; s++) {
    const field = (name: keyof typeof fields): number =>
      at(plan.table, s * fieldCount + fields[name]);
    const [first, columns, below] = [field('first'), field('columns'), field('below')];
    const place = (i: number): number =>
      i < columns ? first + i : at(plan.rows, field('rows') + i - columns);
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < columns + below; i++) {
        const inUpper = plan.kind === 'cholesky' && i < j;
        const element = field('panel') + j * (columns + below) + i;
        if (!inUpper) visit(element, place(i), first + j);
      }
      for (let i = 0; i < below && plan.kind === 'lu'; i++) {
        visit(field('upper') + j * below + i, first + j, place(columns + i));
      }
    }
  }
}

/** The factor of one matrix by the textbook's loops over a dense one. */
export function referenceFactor(
  plan: FactorPlan,
  dtype: DType,
  operands: readonly ReferenceArray[],
  entry: number,
): { factor: Data; fault?: number } {
  const { order: n, source, target, factorSize } = plan;
  const values = operands[0]?.data ?? [];
  const start = entry * plan.diagonal.length;
  const factor = allocate(dtype, factorSize);
  source.forEach((from, e) => {
    factor[at(target, e)] = values[start + from] ?? Number.NaN;
  });
  const a: Rows = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  visitPanels(plan, (element, row, column) => {
    const line = a[row];
    if (line) line[column] = factor[element] ?? 0;
  });
  const tiny = operands[1]?.data[entry] ?? 0;
  const fault = plan.kind === 'lu' ? lu(plan, a, factor, tiny) : cholesky(plan, a);
  if (fault !== undefined) return { factor, fault };
  visitPanels(plan, (element, row, column) => {
    factor[element] = a[row]?.[column] ?? 0;
  });
  return { factor };
}

/** L in place of a lower triangle; the row of the first pivot that is not positive. */
function cholesky({ order: n, rowAt }: FactorPlan, a: Rows): number | undefined {
  const get = (i: number, j: number): number => a[i]?.[j] ?? 0;
  const set = (i: number, j: number, value: number): void => {
    const row = a[i];
    if (row) row[j] = value;
  };
  for (let j = 0; j < n; j++) {
    if (!(get(j, j) > 0)) return at(rowAt, j);
    const root = Math.sqrt(get(j, j));
    set(j, j, root);
    for (let i = j + 1; i < n; i++) set(i, j, get(i, j) / root);
    for (let k = j + 1; k < n; k++) {
      for (let i = k; i < n; i++) set(i, k, get(i, k) - get(i, j) * get(k, j));
    }
  }
  return undefined;
}

/** L and U in place of a matrix, with exchanges inside the blocks of panels. */
function lu(plan: FactorPlan, a: Rows, factor: Data, tiny: number): undefined {
  const { order: n, panels, table, rowAt, factorSize } = plan;
  const get = (i: number, j: number): number => a[i]?.[j] ?? 0;
  for (let s = 0; s < panels; s++) {
    const field = (name: keyof typeof fields): number => at(table, s * fieldCount + fields[name]);
    const [first, columns] = [field('first'), field('columns')];
    for (let j = first; j < first + columns; j++) {
      let best = j;
      for (let i = j; i < first + columns; i++) {
        if (Math.abs(get(i, j)) > Math.abs(get(best, j))) best = i;
      }
      factor[field('pivots') + j - first] = best - first;
      // What was eliminated in panels before stays where it is.
      for (let c = first; c < n && best !== j; c++) {
        const [upper, lower] = [a[j], a[best]];
        if (!upper || !lower) continue;
        [upper[c], lower[c]] = [lower[c] ?? 0, upper[c] ?? 0];
      }
      const row = a[j];
      if (row && !(Math.abs(get(j, j)) >= tiny)) {
        row[j] = get(j, j) < 0 ? -tiny : tiny;
        if (factor[factorSize - 1] === 0) factor[factorSize - 1] = at(rowAt, j) + 1;
      }
      for (let i = j + 1; i < n; i++) {
        const line = a[i];
        if (!line) continue;
        line[j] = get(i, j) / get(j, j);
        for (let c = j + 1; c < n; c++) line[c] = get(i, c) - get(i, j) * get(j, c);
      }
    }
  }
  return undefined;
}
