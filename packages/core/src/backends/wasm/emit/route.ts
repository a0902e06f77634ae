import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { Kernel, Statement } from '../../../kernel/statement.ts';
import { splitOf } from './chunks.ts';
import { costOf } from './cost.ts';
import { effectsOf } from './effects.ts';

type StatementOf<Name extends Statement['do']> = Extract<Statement, { do: Name }>;

/**
 * A list of statements as a call goes through it that can be left at certain points: before an
 * iteration of a loop around calls of kernels, before a call of a kernel that takes long, and
 * between the pieces of one that is cut. Points are numbered in the order of the text from 1, so
 * that those inside a part are the numbers from its `from` up to its `end`.
 */
export interface Route {
  readonly parts: readonly Part[];
  readonly cost: number;
}

export type Part = Plain | ForPart | OncePart | WhilePart | IfPart | CallPart;

interface Span {
  readonly from: number;
  readonly end: number;
  /** About how many operations it takes. */
  readonly cost: number;
}

/** Statements without a point. */
interface Plain extends Span {
  readonly kind: 'plain';
  readonly statements: readonly Statement[];
}

/** A loop that counts; its first point is the one before each iteration. */
export interface ForPart extends Span {
  readonly kind: 'for';
  readonly loop: Loop;
  readonly count: Expr | undefined;
  /** Which words of the route hold the number of the iteration, and of all iterations. */
  readonly counter: number;
  readonly body: Route;
}

/** The body of a loop of one iteration. */
export interface OncePart extends Span {
  readonly kind: 'once';
  readonly loop: Loop;
  readonly body: Route;
}

/** A loop of unknown length; its first point is the one before each iteration. */
export interface WhilePart extends Span {
  readonly kind: 'while';
  /** Which word of the route counts the iterations. */
  readonly counter: number;
  readonly before: Route;
  readonly condition: Expr;
  readonly body: Route;
}

export interface IfPart extends Span {
  readonly kind: 'if';
  readonly condition: Expr;
  readonly then: Route;
  readonly else: Route;
}

/** A call of a kernel that takes long: one point, before it or between its pieces. */
export interface CallPart extends Span {
  readonly kind: 'call';
  readonly statement: StatementOf<'call'>;
  /** The loops between whose pieces the kernel can be left, if it can. */
  readonly pieces: readonly Piece[];
}

export interface Piece {
  readonly extent: number;
  readonly cost: number;
}

/** Operations of a kernel that are worth a point before it. */
const longCost = 2 ** 16;

/** The route through a module's main, and how many words its counters take. */
export function routeOf(main: readonly Statement[]): { route: Route; counters: number } {
  const surveyor = new Surveyor();
  const route = surveyor.route(main);
  return { route, counters: surveyor.counters };
}

/** Whether a route can be left anywhere. */
export function hasPoints({ parts }: Route): boolean {
  return parts.some(({ from, end }) => from < end);
}

/** What the statements of a route take that are not charged at a point inside them. */
export function plainCost({ parts }: Route): number {
  return parts.reduce((sum, part) => {
    if (part.kind === 'plain') return sum + part.cost;
    if (part.kind === 'once') return sum + plainCost(part.body);
    return sum + 4;
  }, 0);
}

class Surveyor {
  counters = 0;
  #next = 1;

  route(statements: readonly Statement[]): Route {
    const parts: Part[] = [];
    let plain: Statement[] = [];
    const flush = (): void => {
      if (plain.length === 0) return;
      const span = { from: this.#next, end: this.#next, cost: costOf(plain) };
      parts.push({ kind: 'plain', statements: plain, ...span });
      plain = [];
    };
    for (const statement of statements) {
      if (!this.#isLong(statement)) {
        plain.push(statement);
        continue;
      }
      flush();
      parts.push(...this.#part(statement));
    }
    flush();
    return { parts, cost: parts.reduce((sum, { cost }) => sum + cost, 0) };
  }

  /** Whether there is a point in a statement. */
  #isLong(statement: Statement): boolean {
    switch (statement.do) {
      case 'while':
        return true;
      case 'for':
        if (statement.loop.extent === 0) return false;
        if (statement.loop.extent === 1) return statement.body.some((s) => this.#isLong(s));
        return effectsOf(statement.body).drives;
      case 'if':
        return [...statement.then, ...statement.else].some((s) => this.#isLong(s));
      case 'call':
        return isCut(statement.kernel) || costOf([statement]) >= longCost;
      default:
        return false;
    }
  }

  #part(statement: Statement): Part[] {
    const from = this.#next;
    const span = (): Span => ({ from, end: this.#next, cost: costOf([statement]) });
    switch (statement.do) {
      case 'for': {
        const { loop, count } = statement;
        if (loop.extent === 1) {
          const body = this.route(statement.body);
          return [{ kind: 'once', loop, body, ...span() }];
        }
        this.#next++;
        const counter = this.#counter(2);
        const body = this.route(statement.body);
        return [{ kind: 'for', loop, count, counter, body, ...span() }];
      }
      case 'while': {
        this.#next++;
        const counter = this.#counter(1);
        const before = this.route(statement.before);
        const body = this.route(statement.body);
        const { condition } = statement;
        return [{ kind: 'while', counter, before, condition, body, ...span() }];
      }
      case 'if': {
        const yes = this.route(statement.then);
        const no = this.route(statement.else);
        const { condition } = statement;
        // biome-ignore lint/suspicious/noThenProperty: a part is never awaited.
        return [{ kind: 'if', condition, then: yes, else: no, ...span() }];
      }
      case 'call':
        this.#next++;
        return [{ kind: 'call', statement, pieces: piecesOf(statement.kernel), ...span() }];
      default:
        throw new Error(`A ${statement.do} has no points.`);
    }
  }

  #counter(words: number): number {
    this.counters += words;
    return this.counters - words;
  }
}

/** Whether a kernel can be left between the pieces of its long loops. */
export function isCut(kernel: Kernel): boolean {
  return piecesOf(kernel).length > 0;
}

const known = new WeakMap<Kernel, readonly Piece[]>();

/** The long loops of a kernel; none where other statements leave values in locals, for they would be lost. */
function piecesOf(kernel: Kernel): readonly Piece[] {
  let pieces = known.get(kernel);
  if (pieces === undefined) {
    const others = kernel.body.filter((s) => s.do !== 'for' || !splitOf(s));
    const { sets, drives } = effectsOf(others);
    const lost = sets.size > 0 || drives;
    pieces = lost
      ? []
      : kernel.body.flatMap((statement): Piece[] => {
          const split = statement.do === 'for' ? splitOf(statement) : undefined;
          return split ? [{ extent: split.extent, cost: costOf([statement]) }] : [];
        });
    known.set(kernel, pieces);
  }
  return pieces;
}
