import type { Atom, Var } from '../program/program.ts';
import type { KernelStep } from './emit-kernel.ts';
import { readsOf, writesOf } from './gather.ts';
import type { Level, LoopStep } from './level.ts';
import { bodyConsts, carriesOf } from './loop-equations.ts';

/** Which step of a level makes each value, and which one is the last to read it. */
export class Uses {
  readonly #level: Level;
  readonly #makers = new Map<Var, number>();
  readonly #last = new Map<Var, number>();
  readonly #bodies = new Map<Level, Uses>();

  constructor(level: Level) {
    this.#level = level;
    level.steps.forEach((step, at) => {
      for (const v of readsOf(step)) this.#last.set(v, at);
      for (const v of writesOf(step)) this.#makers.set(v, at);
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
    let v: Atom | undefined = value;
    while (v !== input) {
      if (v === undefined || v.kind === 'literal') return false;
      v = this.#updated(v);
    }
    return true;
  }

  /** The value that another is after an update in place, by a kernel or by the steps of a loop. */
  #updated(v: Var): Atom | undefined {
    const at = this.#makers.get(v);
    const step = at === undefined ? undefined : this.#level.steps[at];
    if (at === undefined || step === undefined) return undefined;
    if (step.kind === 'kernel') {
      if (step.inPlace?.result !== v || !this.mayTake(step, at)) return undefined;
      return step.inPlace.operand;
    }
    if (step.kind !== 'loop') return undefined;
    return this.updatesCarry(step, step.equation.outputs.indexOf(v), at);
  }

  /**
   * The start of a carry, when each iteration of the loop updates the carry in place and nothing
   * else reads the start then or later.
   */
  updatesCarry({ equation, body }: LoopStep, i: number, at: number): Var | undefined {
    const carries = carriesOf(equation);
    const init = carries[i];
    if (init === undefined || init.kind === 'literal' || !this.endsAt(init, at)) return undefined;
    if (equation.inputs.indexOf(init) !== equation.inputs.lastIndexOf(init)) return undefined;
    const input = body.program.inputs[bodyConsts(equation) + i];
    const output = body.program.outputs[i];
    if (!input || !output) return undefined;
    this.#bodies.set(body, this.#bodies.get(body) ?? new Uses(body));
    return this.#bodies.get(body)?.takesOver(output, input) ? init : undefined;
  }
}
