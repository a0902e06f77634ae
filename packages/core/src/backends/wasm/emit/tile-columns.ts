import { pushLesser } from './ranges.ts';
import { printSection } from './section.ts';
import type { StatementPrinter } from './statements.ts';
import type { Bounds, TileContext, Variable } from './tile-context.ts';
import type { Sharing } from './tile-sharing.ts';

type ByColumns = Extract<Sharing, { by: 'columns' }>;

/** Has threads share the iterations of the batch loops and groups of columns. */
export function shareColumns(
  { emitter: { code } }: StatementPrinter,
  context: TileContext,
  driver: number,
  { groups, columns }: ByColumns,
): boolean {
  const { kernelParams, parts, plan, nest } = context;
  const params = Array.from({ length: kernelParams + 1 }, () => 'i32' as const);
  const builder = parts.module.function(params, []);
  const variable = (): Variable => ({ local: builder.newLocal('i32') });
  const [rest, range]: [Variable, Bounds] = [
    { local: kernelParams },
    { from: variable(), to: variable() },
  ];
  const inner = builder.code;
  const split = (extent: number, into: Variable): void => {
    inner.get(rest.local);
    inner.i32(extent);
    inner.op('i32.rem_u');
    inner.set(into.local);
    inner.get(rest.local);
    inner.i32(extent);
    inner.op('i32.div_u');
    inner.set(rest.local);
  };
  split(groups, range.from);
  inner.get(range.from.local);
  inner.i32(columns);
  inner.op('i32.mul');
  inner.tee(range.from.local);
  inner.i32(columns);
  inner.op('i32.add');
  inner.set(range.to.local);
  pushLesser(inner, range.to, plan.columns.pieces);
  inner.set(range.to.local);
  const batch = nest.batch.map(() => variable());
  nest.batch.toReversed().forEach(({ extent = 1 }, i) => {
    const into = batch.at(-1 - i);
    if (into) split(extent, into);
  });
  for (let i = 0; i < kernelParams; i++) inner.get(i);
  for (const { local } of [...batch, range.from, range.to]) inner.get(local);
  inner.call(driver);
  const section = printSection(parts, builder.index, kernelParams);
  if (section === undefined) return false;
  for (let i = 0; i < kernelParams; i++) code.get(i);
  code.i32(nest.batch.reduce((product, { extent = 1 }) => product * extent, groups));
  code.call(section);
  return true;
}
