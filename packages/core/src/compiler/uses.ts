import type { Atom, Var } from '../program/program.ts';
import type { KernelStep } from './emit-kernel.ts';
import type { Level } from './level.ts';

/** Which step of a level makes each value, and which one is the last to read it. */
export class Uses {
  readonly #level: Level;
  readonly #makers = new Map<Var, number>();
  readonly #last = new Map<Var, number>();

  constructor(level: Level) {
    this.#level = level;
    level.steps.forEach((step, at) => {
      if (step.kind === 'kernel') {
        for (const v of step.loads.keys()) this.#last.set(v, at);
        for (const v of step.stores.keys()) this.#makers.set(v, at);
        if (step.inPlace) this.#last.set(step.inPlace.operand, at);
      } else {
        for (const v of step.equation.outputs) this.#makers.set(v, at);
        for (const input of step.equation.inputs) {
          if (input.kind === 'var') this.#last.set(input, at);
        }
      }
    });
    for (const output of level.program.outputs) {
      if (output.kind === 'var') this.#last.set(output, Number.POSITIVE_INFINITY);
    }
  }

  /** Whether a step of this level makes the value. */
  isMade(v: Var): boolean {
    return this.#makers.has(v);
  }

  /** Whether nothing reads a value after a step. */
  endsAt(v: Var, at: number): boolean {
    return this.#last.get(v) === at;
  }

  /** Whether the operand that a kernel updates in place is free for it. */
  mayTake({ inPlace, loads }: KernelStep, at: number): boolean {
    return inPlace !== undefined && this.endsAt(inPlace.operand, at) && !loads.has(inPlace.operand);
  }

  /** Whether a value is an input of the level after a chain of updates in place. */
  takesOver(value: Atom, input: Var): boolean {
    let v = value;
    while (v !== input) {
      if (v.kind === 'literal') return false;
      const at = this.#makers.get(v);
      const step = at === undefined ? undefined : this.#level.steps[at];
      if (at === undefined || step?.kind !== 'kernel' || step.inPlace?.result !== v) return false;
      if (!this.mayTake(step, at)) return false;
      v = step.inPlace.operand;
    }
    return true;
  }
}
