import { SparsityPattern } from '../../tensor/sparsity-pattern.ts';
import type { Sample } from '../define.ts';
import { analyze } from './analysis/analysis.ts';
import { factorPlan } from './analysis/factor-plan.ts';
import { PlanTables } from './plan-tables.ts';

/** A matrix of a given order by its entries. */
interface Matrix {
  readonly title: string;
  readonly pattern: SparsityPattern;
  readonly values: readonly number[];
}

function matrix(
  title: string,
  order: number,
  value: (row: number, column: number) => number | undefined,
): Matrix {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      const entry = value(i, j);
      if (entry === undefined) continue;
      indices.push(j);
      values.push(entry);
    }
    indptr.push(indices.length);
  }
  return {
    title,
    pattern: new SparsityPattern({ shape: [order, order], indptr, indices }),
    values,
  };
}

const side = 4;
const neighbours = (i: number, j: number): boolean => {
  const across = Math.abs((i % side) - (j % side));
  const along = Math.abs(Math.floor(i / side) - Math.floor(j / side));
  return across + along === 1;
};

const symmetric = (): readonly Matrix[] => [
  matrix('a grid', side * side, (i, j) =>
    i === j ? 5 + (i % 3) : neighbours(i, j) ? -1 : undefined,
  ),
  matrix('an arrow', 5, (i, j) => (i === j ? 6 : i === 0 || j === 0 ? 1 : undefined)),
  matrix('a band', 7, (i, j) => (i === j ? 4 : Math.abs(i - j) < 3 ? -0.5 : undefined)),
  matrix('parts', 6, (i, j) => (i === j ? 2 : i % 2 === j % 2 && i + j < 6 ? 0.5 : undefined)),
  matrix('a dense one', 9, (i, j) => (i === j ? 10 : 1 / (1 + i + j))),
  matrix('one number', 1, () => 4),
  matrix('nothing', 0, () => undefined),
];

const general = (): readonly Matrix[] => [
  ...symmetric(),
  matrix('a flow', side * side, (i, j) =>
    i === j ? 4 : neighbours(i, j) ? (i < j ? -1.5 : -0.25) : undefined,
  ),
  matrix('exchanges', 5, (i, j) => (i === j ? 0.01 : 1 / (1 + ((3 * i + 2 * j) % 7)))),
  matrix('one way', 5, (i, j) => (i === j ? 2 : j === i + 1 ? 1 : undefined)),
];

/** Lists of a plan as operands of the kernels of factorizations. */
function listsOf({ plan }: PlanTables): Sample<object>['operands'][number][] {
  const list = (data: Int32Array, shape: readonly number[] = [data.length]) => ({
    shape,
    dtype: 'int32' as const,
    values: [...data],
  });
  return [
    list(plan.table, [plan.panels, plan.table.length / Math.max(1, plan.panels)]),
    list(plan.children),
    list(plan.relative),
    list(plan.source),
    list(plan.target),
    list(plan.rowAt),
    { shape: [plan.diagonal.length], dtype: 'bool', values: [...plan.diagonal] },
  ];
}

function tablesOf(kind: 'cholesky' | 'lu', { pattern }: Matrix): PlanTables {
  return new PlanTables(factorPlan(kind, pattern, analyze(pattern)));
}

/** Matrices to be factorized, one of them in a batch of two. */
export function factorSamples(kind: 'cholesky' | 'lu'): Sample<{ tables: PlanTables }>[] {
  return (kind === 'lu' ? general : symmetric)().map((one, number) => {
    const tables = tablesOf(kind, one);
    const batch = number === 0 ? 2 : 1;
    const values = { shape: [batch, one.values.length], values: one.values };
    const tiny = { shape: [batch], values: [1e-3] };
    return {
      title: one.title,
      operands: [values, ...(kind === 'lu' ? [tiny] : []), ...listsOf(tables)],
      params: { tables },
      smooth: false,
    };
  });
}

/** Systems to be solved: with numbers that could be those of a factor, and some right-hand sides. */
export function solveSamples(): Sample<{ tables: PlanTables; transposed: boolean }>[] {
  return (['cholesky', 'lu'] as const).flatMap((kind) =>
    (kind === 'lu' ? general : symmetric)().flatMap((one, number) =>
      [1, 3].flatMap((columns) =>
        (kind === 'lu' ? [false, true] : [false]).map((transposed) => {
          const tables = tablesOf(kind, one);
          const { plan } = tables;
          const batch = number === 0 ? 2 : 1;
          return {
            title: `${one.title} by ${kind}, ${columns} at once${transposed ? ', transposed' : ''}`,
            operands: [
              { shape: [batch, plan.factorSize], values: factorLike(tables, batch) },
              { shape: [batch, plan.order, columns] },
              ...listsOf(tables).slice(0, 1),
              { shape: [plan.rows.length], dtype: 'int32' as const, values: [...plan.rows] },
            ],
            params: { tables, transposed },
          };
        }),
      ),
    ),
  );
}

/** Elements of a factor: no pivot is small, and exchanges are those of rows of a block. */
function factorLike({ plan }: PlanTables, batch: number): number[] {
  const one: number[] = Array.from({ length: plan.factorSize }, (_, i) => ((i * 7) % 5) / 10 - 0.2);
  const fieldCount = plan.table.length / Math.max(1, plan.panels);
  for (let s = 0; s < plan.panels; s++) {
    const [, columns = 0, below = 0, panel = 0, , pivots = 0] = plan.table.subarray(
      s * fieldCount,
      (s + 1) * fieldCount,
    );
    for (let j = 0; j < columns; j++) {
      one[panel + j * (columns + below) + j] = 1.5 + (j % 2);
      if (plan.kind === 'lu') one[pivots + j] = j + ((columns - 1 - j) >> 1);
    }
  }
  if (plan.kind === 'lu') one[plan.factorSize - 1] = 0;
  return Array.from({ length: batch }, () => one).flat();
}
