import { printSection } from './section.ts';
import { listArguments } from './tile-block.ts';
import { type Bounds, pushDifference, type TileContext, type Variable } from './tile-context.ts';
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
    work.tiles(part, plan.rowPieces);
  });
  const packs = functions.packColumns.size > 0;
  const columns = packs
    ? printShare(context, functions, (work, number) =>
        work.packColumns(partOf(work, number, work.variables.told.columns, sharing.columns)),
      )
    : undefined;
  if (tiles === undefined || (packs && columns === undefined)) return undefined;
  return (work) => {
    const { code } = work.builder;
    const given = argumentsOf(work.variables);
    if (columns !== undefined) context.call(code, columns, [...given, sharing.columns]);
    context.call(code, tiles, [...given, sharing.rows]);
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

/** One of so many parts of a range, by its number. */
function partOf({ builder }: TileWork, number: Variable, range: Bounds, parts: number): Bounds {
  const { code } = builder;
  const end = (of: number): Variable => {
    const at = { local: builder.newLocal('i32') };
    pushDifference(code, range.to, range.from);
    code.get(number.local);
    code.i32(of);
    code.op('i32.add');
    code.op('i32.mul');
    code.i32(parts);
    code.op('i32.div_u');
    code.get(range.from.local);
    code.op('i32.add');
    code.set(at.local);
    return at;
  };
  return { from: end(0), to: end(1) };
}
