import type { Expr, Local, Loop } from '../../../kernel/expr.ts';
import type { Statement } from '../../../kernel/statement.ts';
import { inPostOrder } from './effects.ts';

type StatementOf<Name extends Statement['do']> = Extract<Statement, { do: Name }>;

/**
 * Independent loops around a blocked sum of products, one factor of which is the same along
 * `columns` and the other along `rows`: a matrix product, in general.
 */
export interface TileNest {
  /** Loops around all of these, of one iteration of which this is the work. */
  readonly outer: readonly Loop[];
  /** Loops along which both factors change, or neither. */
  readonly batch: readonly Loop[];
  readonly rows: readonly Loop[];
  readonly columns: readonly Loop[];
  readonly terms: readonly Loop[];
  readonly row: Expr;
  readonly column: Expr;
  readonly target: Local;
  /** What is done with each sum. */
  readonly stores: readonly StatementOf<'store'>[];
}

/** The loops that an expression depends on; undefined where it depends on more than loops. */
export function loopsIn(root: Expr): Set<Loop> | undefined {
  const { loops, locals } = leavesOf(root);
  return locals.size === 0 ? loops : undefined;
}

/** The loops and locals that an expression reads. */
function leavesOf(root: Expr): { readonly loops: Set<Loop>; readonly locals: Set<Local> } {
  const loops = new Set<Loop>();
  const locals = new Set<Local>();
  const seen = new Set<Expr>();
  inPostOrder(
    root,
    (expr) => seen.has(expr),
    (expr) => {
      seen.add(expr);
      if (expr.op === 'loop') loops.add(expr.loop);
      if (expr.op === 'local') locals.add(expr.local);
    },
  );
  return { loops, locals };
}

/** The loop nest as rows, columns and terms; undefined where it is none. */
export function tileNest(statement: StatementOf<'for'>): TileNest | undefined {
  const loops: Loop[] = [];
  let body: readonly Statement[] = [statement];
  for (let [only] = body; only?.do === 'for' && body.length === 1; [only] = body) {
    if (!only.parallel || !only.loop.extent) return undefined;
    loops.push(only.loop);
    body = only.body;
  }
  const [sum, ...rest] = body;
  if (sum?.do !== 'reduce' || sum.order !== 'blocked' || sum.combine !== 'add') return undefined;
  const { target, value, loops: terms } = sum;
  if (value.op !== 'binary' || value.fn !== 'mul' || terms.length === 0) return undefined;
  if (terms.some(({ extent }) => !extent)) return undefined;
  const stores = rest.filter((inner) => inner.do === 'store');
  if (stores.length < rest.length) return undefined;
  const read = (inner: StatementOf<'store'>): Expr[] => [
    inner.value,
    ...inner.index.terms.map(({ factor }) => factor),
  ];
  const written = stores.flatMap(read).map(leavesOf);
  if (written.some(({ locals }) => [...locals].some((local) => local !== target))) return undefined;
  const [ofX, ofY] = [loopsIn(value.x), loopsIn(value.y)];
  if (!ofX || !ofY) return undefined;
  const own = new Set([...loops, ...terms]);
  const used = [...ofX, ...ofY, ...written.flatMap(({ loops }) => [...loops])];
  const outer = [...new Set(used)].filter((loop) => !own.has(loop));
  const onlyX = loops.filter((loop) => ofX.has(loop) && !ofY.has(loop));
  const onlyY = loops.filter((loop) => ofY.has(loop) && !ofX.has(loop));
  const batch = loops.filter((loop) => ofX.has(loop) === ofY.has(loop));
  if (onlyX.length === 0 || onlyY.length === 0) return undefined;
  // The last loop goes from neighbour to neighbour in the result.
  const inner = loops.findLast((loop) => !batch.includes(loop));
  const yInLanes = inner !== undefined && onlyY.includes(inner);
  return {
    outer,
    batch,
    terms,
    target,
    stores,
    ...(yInLanes
      ? { rows: onlyX, columns: onlyY, row: value.x, column: value.y }
      : { rows: onlyY, columns: onlyX, row: value.y, column: value.x }),
  };
}
