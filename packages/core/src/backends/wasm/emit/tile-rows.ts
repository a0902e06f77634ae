import type { Code } from '../encode/code.ts';
import { pushLesser } from './ranges.ts';
import { printSection } from './section.ts';
import { listArguments } from './tile-block.ts';
import type { Bounds, TileContext, Variable } from './tile-context.ts';
import { type BlockVariables, type TileFunctions, TileWork } from './tile-work.ts';

/**
 * Has threads share a block of terms: the panels of columns first, which are common to all, then the
 * rows. Undefined where they do not.
 */
export function shareRows(
  context: TileContext,
  functions: TileFunctions,
): ((work: TileWork) => void) | undefined {
  const { sharing, plan } = context;
  if (sharing?.by !== 'rows') return undefined;
  const tiles = printShare(context, functions, (work, number) => {
    const { told, keptTo } = work.variables;
    const part = partOf(work, number, { from: told.kept, to: keptTo }, sharing.rows);
    work.tiles(part, sharing.rows);
  });
  const packs = functions.packColumns.size > 0;
  const columns = packs
    ? printShare(context, functions, (work, number) =>
        work.packColumns(partOf(work, number, work.variables.told.columns, sharing.columns)),
      )
    : undefined;
  if (tiles === undefined || (packs && columns === undefined)) return undefined;
  const most = Math.ceil(plan.columnPieces / sharing.columns);
  return (work) => {
    const { told, keptTo } = work.variables;
    const { code } = work.builder;
    const given = argumentsOf(work.variables);
    if (columns !== undefined && most === 1) work.packColumns(told.columns);
    else if (columns !== undefined) {
      callForParts(code, context, columns, given, told.columns, sharing.columns);
    }
    callForParts(code, context, tiles, given, { from: told.kept, to: keptTo }, sharing.rows);
  };
}

function argumentsOf({ told, keptTo, count }: BlockVariables): Variable[] {
  return [...listArguments(told), keptTo, count];
}

/** A section of the functions' usual parameters and `argumentsOf`. */
function printShare(
  context: TileContext,
  functions: TileFunctions,
  print: (work: TileWork, number: Variable) => void,
): number | undefined {
  let next = context.params;
  const argument = (): Variable => ({ local: next++ });
  const bounds = (): Bounds => ({ from: argument(), to: argument() });
  const variables: BlockVariables = {
    told: {
      before: Array.from({ length: context.plan.cut.at }, argument),
      from: argument(),
      columns: bounds(),
      rows: bounds(),
      kept: argument(),
      terms: argument(),
      fresh: argument(),
      left: argument(),
    },
    keptTo: argument(),
    count: argument(),
  };
  const given = next;
  const builder = context.function(given - context.params + 1);
  print(new TileWork(context, functions, builder, variables), argument());
  return printSection(context.parts, builder.index, given);
}

/** Part of a range, by its number. */
function partOf({ builder }: TileWork, number: Variable, range: Bounds, size: number): Bounds {
  const { code } = builder;
  const part = {
    from: { local: builder.newLocal('i32') },
    to: { local: builder.newLocal('i32') },
  };
  code.get(number.local);
  code.i32(size);
  code.op('i32.mul');
  code.get(range.from.local);
  code.op('i32.add');
  code.tee(part.from.local);
  code.i32(size);
  code.op('i32.add');
  code.set(part.to.local);
  pushLesser(code, part.to, range.to);
  code.set(part.to.local);
  return part;
}

/** Calls a section for all parts of a range. */
function callForParts(
  code: Code,
  context: TileContext,
  section: number,
  given: readonly Variable[],
  range: Bounds,
  size: number,
): void {
  for (let i = 0; i < context.params; i++) code.get(i);
  for (const { local } of given) code.get(local);
  code.get(range.to.local);
  code.get(range.from.local);
  code.op('i32.sub');
  code.i32(size - 1);
  code.op('i32.add');
  code.i32(size);
  code.op('i32.div_u');
  code.call(section);
}
