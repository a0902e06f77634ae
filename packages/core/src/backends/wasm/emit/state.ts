import type { Local, Loop } from '../../../kernel/expr.ts';
import type { Node } from '../../../kernel/lane/node.ts';

/** Value of a loop's variable: a node plus a constant. */
export interface LoopVariable {
  readonly node: Node;
  readonly offset: number;
}

/**
 * What was stored and set so far in the function being printed, as counts: a value that was read
 * before a change is not the same value as one read after it.
 */
export class FunctionState {
  readonly loops = new Map<Loop, LoopVariable>();
  readonly #locals = new Map<Local, number>();
  /** How often loops were given another variable. */
  bindings = 0;
  locals = 0;
  memory = 0;
  stores = 0;
  swaps = 0;

  bind(loop: Loop, variable: LoopVariable): void {
    const old = this.loops.get(loop);
    if (old && (old.node !== variable.node || old.offset !== variable.offset)) this.bindings++;
    this.loops.set(loop, variable);
  }

  epoch(local: Local): number {
    return this.#locals.get(local) ?? 0;
  }

  localChanged(local: Local): void {
    this.#locals.set(local, ++this.locals);
  }

  stored(): void {
    this.stores++;
  }

  memoryChanged(): void {
    this.stores++;
    this.memory++;
  }

  swapped(): void {
    this.swaps++;
    this.memoryChanged();
  }
}
