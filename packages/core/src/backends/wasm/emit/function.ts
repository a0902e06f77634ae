import type { LaneFunction } from '../../../kernel/lane/lane-function.ts';
import { Graph, type Lanes, type Node } from '../../../kernel/lane/node.ts';
import { Code, type ValueType } from '../encode/code.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { print, type Target, valueType } from '../lane/print.ts';
import type { Effects } from './effects.ts';
import { fail, outOfRange } from './helpers.ts';
import type { ModuleParts } from './parts.ts';

/**
 * A stretch of code in which computed values stay available: the function, the body of a loop, or
 * a part that may not run (`guard`). Code of a loop's body is kept apart until the loop is
 * closed, so that values which do not change in it can be placed before it when they turn up.
 */
export interface Scope {
  readonly kind: 'function' | 'loop' | 'guard';
  readonly level: number;
  readonly code: Code;
  /** What is computed once before the loop; the code itself where there is no loop. */
  readonly before: Code;
  readonly effects: Effects | undefined;
  /** Whether the loop's iterations are independent, and there are at least two. */
  readonly independent: boolean;
  /** Locals that hold values, by the ids of these. */
  readonly available: Map<number, number>;
  /** How often values are used, by their ids. */
  readonly uses: Map<number, number>;
  readonly locals: number[];
}

/** Operands inside operands that are printed by calls inside calls, at most. */
const deepest = 64;

/** Operations in a chain that are printed before those of other values take their turn. */
const turn = 8;

const constants: ReadonlySet<Node['op']> = new Set(['const', 'iota']);

/** Prints values into a function: each once, in the outermost loop where it does not change. */
export class FunctionEmitter implements Target {
  readonly parts: ModuleParts;
  readonly builder: FunctionBuilder;
  readonly graph: Graph = new Graph();
  code: Code;
  readonly #scopes: Scope[] = [];
  #at = 0;
  /** Where values are kept that are computed before a loop; undefined in ordinary code. */
  #keep: Scope | undefined;
  /** Whether what is being printed has been prepared, and so all that is inside it. */
  #prepared = false;
  /** The last announcement of each value, by its id. */
  readonly #announced: number[] = [];
  #announcements = 0;

  constructor(parts: ModuleParts, builder: FunctionBuilder) {
    this.parts = parts;
    this.builder = builder;
    this.code = builder.code;
    this.#scopes.push(makeScope('function', 0, this.code, undefined, false));
  }

  get scopes(): readonly Scope[] {
    return this.#scopes;
  }

  /** Whether the code being printed is part of a loop. */
  get inLoop(): boolean {
    return this.#scope.level > 0;
  }

  get #scope(): Scope {
    const scope = this.#scopes[this.#at];
    if (!scope) throw new Error('No scope is open.');
    return scope;
  }

  functionIndex(callee: LaneFunction, lanes: Lanes): number {
    return this.parts.laneFunction(callee, lanes);
  }

  /**
   * A call that is left at once need not keep the values around it, which V8 does in memory. With
   * threads there may be others that are to end their pieces.
   */
  outOfRange(): { readonly index: number; readonly exit: boolean } {
    const exit = !this.parts.shared;
    return { index: this.parts.helper(exit ? fail : outOfRange), exit };
  }

  scratch(type: ValueType): number {
    return this.builder.local(type);
  }

  free(local: number): void {
    this.builder.release(local);
  }

  /** Tells which values are about to be printed, so that those used several times are kept. */
  announce(roots: readonly Node[]): void {
    const { uses } = this.#scope;
    const announced = this.#announced;
    const number = ++this.#announcements;
    while (announced.length <= this.graph.size) announced.push(0);
    const waiting = [...roots];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      const { id, args } = node;
      uses.set(id, (uses.get(id) ?? 0) + 1);
      if (announced[id] === number) continue;
      announced[id] = number;
      for (const arg of args) waiting.push(arg);
    }
  }

  /** Computes values deep inside one first, so that printing it does not exhaust the stack. */
  #prepare(root: Node): void {
    this.#inSteps(root.args, deepest);
  }

  /**
   * Computes what is inside several values, some operations of each in turn. The chain of operations of
   * one value alone leaves a processor little to do at once, and the next chain may begin beyond the
   * few hundred instructions that it looks ahead.
   */
  takeTurns(roots: readonly Node[]): void {
    this.#inSteps(roots, turn);
  }

  /** Computes the values inside others whose depth is a multiple of a number, by depth. */
  #inSteps(roots: readonly Node[], size: number): void {
    const steps = new Set<Node>();
    const seen = new Set<Node>();
    const waiting = [...roots];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (seen.has(node) || this.#known(node) !== undefined) continue;
      seen.add(node);
      if (node.depth > 0 && node.depth % size === 0) steps.add(node);
      waiting.push(...node.args);
    }
    for (const node of [...steps].sort((a, b) => a.depth - b.depth)) this.keep(node);
  }

  /** Computes a value here, for whoever uses it later. */
  keep(node: Node): void {
    this.#scope.uses.set(node.id, 2);
    this.push(node);
    this.code.op('drop');
  }

  push(node: Node): void {
    if (node.op === 'local') {
      this.code.get(Number(node.number));
      return;
    }
    // V8 makes a vector constant anew wherever it stands, in several instructions.
    if (constants.has(node.op) && !(node.lanes > 1 && this.inLoop)) {
      print(node, this);
      return;
    }
    const known = this.#known(node);
    if (known !== undefined) {
      this.code.get(known);
      return;
    }
    if (node.depth > deepest && !this.#prepared) {
      this.#prepared = true;
      this.#prepare(node);
      this.#pushNew(node);
      this.#prepared = false;
    } else {
      this.#pushNew(node);
    }
  }

  /** Prints a value that is not known yet. */
  #pushNew(node: Node): void {
    const outside = this.#hoistTarget(node);
    if (outside !== undefined) {
      this.code.get(this.#hoist(node, outside));
      return;
    }
    print(node, this);
    if (this.#keep) this.code.tee(this.#save(node, this.#keep, true));
    else if ((this.#scope.uses.get(node.id) ?? 0) > 1) {
      this.code.tee(this.#save(node, this.#scope, false));
    }
  }

  /** The local that holds a value already, among those computed before the same loop too. */
  #known(node: Node): number | undefined {
    for (let i = this.#at; i >= 0; i--) {
      const local = this.#scopes[i]?.available.get(node.id);
      if (local !== undefined) return local;
    }
    return this.#keep?.available.get(node.id);
  }

  /**
   * A local that keeps a value in a scope. One that is set before a loop whose body is already
   * partly printed must be new: the body may use any local that was free.
   */
  #save(node: Node, scope: Scope, fresh: boolean): number {
    const type = valueType(node);
    const local = fresh ? this.builder.newLocal(type) : this.builder.local(type);
    scope.available.set(node.id, local);
    scope.locals.push(local);
    return local;
  }

  /** The outermost open loop that the value can be computed before. */
  #hoistTarget(node: Node): number | undefined {
    let target: number | undefined;
    for (let i = this.#at; i > 0; i--) {
      const scope = this.#scopes[i];
      if (!scope) break;
      if (scope.kind === 'guard' && node.unsafe) break;
      if (scope.kind === 'loop') {
        if (scope.level <= node.level) break;
        target = i;
      }
    }
    return target;
  }

  #hoist(node: Node, index: number): number {
    const scope = this.#scopes[index];
    if (!scope) throw new Error('No such scope.');
    const old = { code: this.code, at: this.#at, keep: this.#keep };
    this.code = scope.before;
    this.#at = index - 1;
    this.#keep = scope;
    print(node, this);
    const local = this.#save(node, scope, true);
    this.code.set(local);
    this.code = old.code;
    this.#at = old.at;
    this.#keep = old.keep;
    return local;
  }

  #open(scope: Scope): void {
    this.#scopes.push(scope);
    this.#at = this.#scopes.length - 1;
    this.code = scope.code;
  }

  #close(): void {
    const scope = this.#scopes.pop();
    for (const local of scope?.locals ?? []) this.builder.release(local);
    this.#at = this.#scopes.length - 1;
    this.code = this.#scope.code;
  }

  /** A part of the code that may not run; its values are not used after it. */
  guard(body: () => void): void {
    const { level, code } = this.#scope;
    this.#open(makeScope('guard', level, code, undefined, false));
    body();
    this.#close();
  }

  /** The code of a loop's body; `place` puts it into the loop, after what comes before it. */
  loop(
    effects: Effects | undefined,
    independent: boolean,
    body: () => void,
    place: (body: Code) => void,
  ): void {
    const scope = makeScope('loop', this.#scope.level + 1, new Code(), effects, independent);
    this.#open(scope);
    body();
    this.#close();
    this.code.append(scope.before);
    place(scope.code);
  }
}

function makeScope(
  kind: Scope['kind'],
  level: number,
  code: Code,
  effects: Effects | undefined,
  independent: boolean,
): Scope {
  return {
    kind,
    level,
    code,
    before: kind === 'loop' ? new Code() : code,
    effects,
    independent,
    available: new Map(),
    uses: new Map(),
    locals: [],
  };
}
