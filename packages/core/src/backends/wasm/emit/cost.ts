import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { Kernel, Statement } from '../../../kernel/statement.ts';
import { innerStatements, inPostOrder, statementExprs } from './effects.ts';

/** Iterations that a loop of unknown length is taken to have. */
const guessedLength = 16;

const kernels = new WeakMap<Kernel, number>();

/** About how many scalar operations a list of statements takes, the longest branches taken. */
export function costOf(statements: readonly Statement[]): number {
  const seen = new Set<Expr>();
  return statements.reduce((sum, statement) => sum + statementCost(statement, seen), 0);
}

function statementCost(statement: Statement, seen: Set<Expr>): number {
  const own = statementExprs(statement).reduce((sum, expr) => sum + exprCost(expr, seen), 1);
  switch (statement.do) {
    case 'reduce':
      return timesOf(statement.loops) * (own + 1);
    case 'for':
      return own + timesOf([statement.loop]) * (1 + costOf(statement.body));
    case 'while':
      return guessedLength * (own + costOf(statement.before) + costOf(statement.body));
    case 'if':
      return own + Math.max(...innerStatements(statement).map(costOf));
    case 'call':
      return own + 16 + kernelCost(statement.kernel);
    case 'copy':
    case 'zero':
      return own + 8 + statement.bytes / 16;
    default:
      return own;
  }
}

function kernelCost(kernel: Kernel): number {
  let cost = kernels.get(kernel);
  if (cost === undefined) {
    cost = costOf(kernel.body);
    kernels.set(kernel, cost);
  }
  return cost;
}

function timesOf(loops: readonly Loop[]): number {
  return loops.reduce((product, { extent = guessedLength }) => product * extent, 1);
}

function exprCost(root: Expr, seen: Set<Expr>): number {
  let cost = 0;
  inPostOrder(
    root,
    (expr) => seen.has(expr),
    (expr) => {
      seen.add(expr);
      cost += operationCost(expr);
    },
  );
  return cost;
}

function operationCost(expr: Expr): number {
  switch (expr.op) {
    case 'const':
    case 'loop':
    case 'local':
      return 0;
    case 'math':
      return 20;
    case 'unary':
      return expr.fn === 'sqrt' ? 4 : 1;
    case 'binary':
      return expr.fn === 'div' || expr.fn === 'rem' ? 4 : 1;
    default:
      return 1;
  }
}
