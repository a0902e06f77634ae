import type { Buffer, Expr, Local, Scalar } from '../../../kernel/expr.ts';
import { operandsOf } from '../../../kernel/operands.ts';
import type { Pointer, Statement } from '../../../kernel/statement.ts';

/** What running a list of statements may change. */
export interface Effects {
  readonly sets: ReadonlySet<Local>;
  /** Types of the elements that are stored. */
  readonly stores: ReadonlySet<Scalar>;
  readonly swaps: ReadonlySet<Buffer>;
  /** Whether memory changes in ways that `stores` does not tell. */
  readonly opaque: boolean;
  /** Whether there is anything but arithmetic, stores and loops over them. */
  readonly drives: boolean;
}

interface Collector {
  readonly sets: Set<Local>;
  readonly stores: Set<Scalar>;
  readonly swaps: Set<Buffer>;
  opaque: boolean;
  drives: boolean;
}

const known = new WeakMap<readonly Statement[], Effects>();

export function effectsOf(statements: readonly Statement[]): Effects {
  const old = known.get(statements);
  if (old) return old;
  const found: Collector = {
    sets: new Set(),
    stores: new Set(),
    swaps: new Set(),
    opaque: false,
    drives: false,
  };
  for (const statement of statements) collect(statement, found);
  known.set(statements, found);
  return found;
}

function collect(statement: Statement, into: Collector): void {
  switch (statement.do) {
    case 'store':
      into.stores.add(statement.buffer.dtype);
      break;
    case 'set':
      into.sets.add(statement.local);
      break;
    case 'reduce':
      into.sets.add(statement.target);
      break;
    case 'length':
      into.sets.add(statement.target);
      into.drives = true;
      break;
    case 'swap':
      into.swaps.add(statement.a).add(statement.b);
      into.opaque = true;
      into.drives = true;
      break;
    case 'call':
    case 'copy':
    case 'zero':
    case 'host':
      into.opaque = true;
      into.drives = true;
      break;
    case 'fail':
      into.drives = true;
      break;
    default:
      for (const inner of innerStatements(statement)) merge(effectsOf(inner), into);
      if (statement.do === 'while') into.drives = true;
  }
}

function merge(effects: Effects, into: Collector): void {
  for (const local of effects.sets) into.sets.add(local);
  for (const dtype of effects.stores) into.stores.add(dtype);
  for (const buffer of effects.swaps) into.swaps.add(buffer);
  into.opaque ||= effects.opaque;
  into.drives ||= effects.drives;
}

/** The statement lists inside a statement. */
export function innerStatements(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.do) {
    case 'for':
      return [statement.body];
    case 'if':
      return [statement.then, statement.else];
    case 'while':
      return [statement.before, statement.body];
    default:
      return [];
  }
}

/** The expressions that a statement itself evaluates, without those of statements inside it. */
export function statementExprs(statement: Statement): Expr[] {
  switch (statement.do) {
    case 'for':
      return statement.count ? [statement.count] : [];
    case 'store':
      return [...statement.index.terms.map((term) => term.factor), statement.value];
    case 'set':
    case 'reduce':
      return [statement.value];
    case 'if':
    case 'while':
      return [statement.condition];
    case 'fail':
      return [statement.detail];
    case 'call':
      return statement.args.flatMap(pointerExprs);
    case 'copy':
      return [...pointerExprs(statement.to), ...pointerExprs(statement.from)];
    case 'zero':
      return pointerExprs(statement.at);
    case 'length':
      return pointerExprs(statement.stack);
    case 'host':
      return [...statement.args, ...statement.results].flatMap(pointerExprs);
    case 'swap':
      return [];
  }
}

function pointerExprs(pointer: Pointer): Expr[] {
  if (pointer.kind === 'buffer') return pointer.offset.terms.map((term) => term.factor);
  return [...pointerExprs(pointer.stack), pointer.index];
}

/** The expressions directly inside an expression. */
function exprChildren(expr: Expr): readonly Expr[] {
  return expr.op === 'index' || expr.op === 'load'
    ? expr.index.terms.map((term) => term.factor)
    : operandsOf(expr);
}

/** The i-th expression directly inside an expression; undefined where there are no more. */
function childOf(expr: Expr, i: number): Expr | undefined {
  switch (expr.op) {
    case 'index':
    case 'load':
      return expr.index.terms[i]?.factor;
    case 'unary':
    case 'cast':
    case 'check':
      return i === 0 ? expr.x : undefined;
    case 'binary':
    case 'compare':
      return i === 0 ? expr.x : i === 1 ? expr.y : undefined;
    case 'select':
      return i === 0 ? expr.condition : i === 1 ? expr.x : i === 2 ? expr.y : undefined;
    case 'math':
    case 'bits':
      return expr.args[i];
    default:
      return undefined;
  }
}

/** Whether a condition holds for one of the expressions directly inside an expression. */
export function someChild(expr: Expr, holds: (child: Expr) => boolean): boolean {
  for (let i = 0; ; i++) {
    const child = childOf(expr, i);
    if (child === undefined) return false;
    if (holds(child)) return true;
  }
}

/** Expressions inside each other that are visited by calls inside calls, at most. */
const deepest = 100;

/**
 * Visits an expression and all that is inside it and not known yet, the inner ones first, of those
 * side by side the last ones first. What was visited must be known after that. Expressions can be
 * deeper than the stack of calls.
 */
export function inPostOrder(
  root: Expr,
  isKnown: (expr: Expr) => boolean,
  visit: (expr: Expr) => void,
): void {
  if (!isKnown(root)) visitNew(root, isKnown, visit, deepest);
}

function visitNew(
  expr: Expr,
  isKnown: (expr: Expr) => boolean,
  visit: (expr: Expr) => void,
  room: number,
): void {
  if (room === 0) {
    visitDeep(expr, isKnown, visit);
    return;
  }
  let count = 0;
  while (childOf(expr, count)) count++;
  for (let i = count - 1; i >= 0; i--) {
    const child = childOf(expr, i);
    if (child && !isKnown(child)) visitNew(child, isKnown, visit, room - 1);
  }
  visit(expr);
}

/** The same without calls inside calls. */
function visitDeep(
  root: Expr,
  isKnown: (expr: Expr) => boolean,
  visit: (expr: Expr) => void,
): void {
  const waiting = [root];
  for (let expr = waiting.at(-1); expr; expr = waiting.at(-1)) {
    if (isKnown(expr)) {
      waiting.pop();
      continue;
    }
    const before = waiting.length;
    for (const child of exprChildren(expr)) if (!isKnown(child)) waiting.push(child);
    if (waiting.length > before) continue;
    waiting.pop();
    visit(expr);
  }
}

/** Whether an expression depends on a local, whose value may change. */
export function readsLocal(root: Expr): boolean {
  const readers = new Map<Expr, boolean>();
  const reads = (expr: Expr): boolean => readers.get(expr) ?? false;
  inPostOrder(
    root,
    (expr) => readers.has(expr),
    (expr) => readers.set(expr, expr.op === 'local' || someChild(expr, reads)),
  );
  return reads(root);
}

/**
 * Whether it matters in what order values of a list of statements are computed: one is loaded from a
 * buffer that a store before it in the list goes to, or is an index that is checked, of which the first
 * out of range is told.
 */
export function needsOrder(statements: readonly Statement[]): boolean {
  const stored = new Set<Buffer>();
  return statements.some((statement) => {
    const seen = new Set<Expr>();
    const isSeen = (expr: Expr): boolean => seen.has(expr);
    for (const root of statementExprs(statement)) inPostOrder(root, isSeen, (e) => seen.add(e));
    const found = [...seen].some(
      (expr) => expr.op === 'check' || (expr.op === 'load' && stored.has(expr.buffer)),
    );
    if (statement.do === 'store') stored.add(statement.buffer);
    return found;
  });
}
