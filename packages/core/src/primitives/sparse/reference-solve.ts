import { type FactorPlan, fieldCount, fields } from './analysis/factor-plan.ts';
import { at } from './analysis/integers.ts';

/** An element of a triangular factor. */
interface Entry {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** The solution of one system by a factor, from triangles that are written out. */
export function referenceSolve(
  plan: FactorPlan,
  factor: ArrayLike<number>,
  rhs: readonly number[],
  transposed: boolean,
): number[] {
  const x = [...rhs];
  const panels = Array.from({ length: plan.panels }, (_, s) => panelOf(plan, factor, s));
  const eliminate = ({ row, column, value }: Entry): void => {
    x[row] = (x[row] ?? 0) - value * (x[column] ?? 0);
  };
  const divide = ({ first, diagonal }: ReturnType<typeof panelOf>, j: number): void => {
    x[first + j] = (x[first + j] ?? 0) / (diagonal[j] ?? Number.NaN);
  };
  const exchange = (j: number, other: number): void => {
    [x[j], x[other]] = [x[other] ?? 0, x[j] ?? 0];
  };
  for (const panel of panels) {
    const { first, pivots, lower, upper } = panel;
    for (const [j, p] of transposed ? [] : pivots.entries()) exchange(first + j, first + p);
    panel.diagonal.forEach((_, j) => {
      if (plan.kind === 'cholesky' || transposed) divide(panel, j);
      const triangle = transposed && plan.kind === 'lu' ? upper.map(flipped) : lower;
      for (const entry of triangle) if (entry.column === first + j) eliminate(entry);
    });
  }
  for (const panel of panels.toReversed()) {
    const { first, pivots, lower, upper, diagonal } = panel;
    for (let j = diagonal.length - 1; j >= 0; j--) {
      const triangle = plan.kind === 'lu' && !transposed ? upper : lower.map(flipped);
      for (const entry of triangle) if (entry.row === first + j) eliminate(entry);
      if (plan.kind === 'cholesky' || !transposed) divide(panel, j);
    }
    if (!transposed) continue;
    for (let j = pivots.length - 1; j >= 0; j--) exchange(first + j, first + (pivots[j] ?? j));
  }
  return x;
}

function flipped({ row, column, value }: Entry): Entry {
  return { row: column, column: row, value };
}

function panelOf(plan: FactorPlan, factor: ArrayLike<number>, s: number) {
  const field = (name: keyof typeof fields): number =>
    at(plan.table, s * fieldCount + fields[name]);
  const [first, columns, below] = [field('first'), field('columns'), field('below')];
  const place = (i: number): number =>
    i < columns ? first + i : at(plan.rows, field('rows') + i - columns);
  const lower: Entry[] = [];
  const upper: Entry[] = [];
  const diagonal: number[] = [];
  const pivots: number[] = [];
  for (let j = 0; j < columns; j++) {
    const value = (i: number): number =>
      factor[field('panel') + j * (columns + below) + i] ?? Number.NaN;
    diagonal.push(value(j));
    for (let i = j + 1; i < columns + below; i++) {
      lower.push({ row: place(i), column: first + j, value: value(i) });
    }
    if (plan.kind === 'cholesky') continue;
    pivots.push(factor[field('pivots') + j] ?? 0);
    for (let i = 0; i < j; i++) upper.push({ row: first + i, column: first + j, value: value(i) });
    for (let i = 0; i < below; i++) {
      const element = factor[field('upper') + j * below + i] ?? Number.NaN;
      upper.push({ row: first + j, column: place(columns + i), value: element });
    }
  }
  return { first, lower, upper, diagonal, pivots };
}
