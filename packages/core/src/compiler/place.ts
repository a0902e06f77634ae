import { affineZero } from '../kernel/affine.ts';
import type { Buffer, Expr, Local } from '../kernel/expr.ts';
import { constant } from '../kernel/scalars.ts';
import {
  type HostCall,
  type Pointer,
  type Statement,
  stackDescriptorBytes,
} from '../kernel/statement.ts';
import type { Atom, Equation, Var } from '../program/program.ts';
import type { ValueType } from '../tensor/type.ts';
import type { KernelStep } from './emit-kernel.ts';
import type { Level, LoopStep } from './level.ts';
import { loopCompiler } from './loop-compiler.ts';
import { carriesOf, elementsFrom } from './loop-equations.ts';
import { placeBlocks } from './place-blocks.ts';
import { placeHost } from './place-host.ts';
import { bytesOf, layoutOf, pointerTo, samePointer, stackLayout } from './pointers.ts';
import type { Sites } from './sites.ts';
import { Uses } from './uses.ts';
import { Workspace } from './workspace.ts';

/** Writes down the statements of a whole call and keeps the books of its memory. */
export class Writer {
  readonly workspace = new Workspace();
  readonly sites: Sites;
  /** Statements that come before all others. */
  readonly prologue: Statement[] = [];
  /** The JavaScript functions that statements call. */
  readonly hosts: HostCall[] = [];
  #out: Statement[] = [];
  #locals = 0;

  constructor(sites: Sites) {
    this.sites = sites;
  }

  /** Appends a statement that uses the given arrays. */
  write(statement: Statement, ...used: readonly Pointer[]): void {
    this.workspace.tick();
    for (const pointer of used) this.workspace.touch(pointer);
    this.#out.push(statement);
  }

  /** The statements that `body` writes. */
  collect(body: () => void): Statement[] {
    const before = this.#out;
    this.#out = [];
    body();
    const statements = this.#out;
    this.#out = before;
    return statements;
  }

  local(name: string): Local {
    return { name: `${name}${this.#locals++}`, type: 'int32' };
  }

  allocate(name: string, type: ValueType): Pointer & { kind: 'buffer' } {
    const { dtype, size } = layoutOf(type);
    const buffer = this.workspace.allocate(name, dtype, size);
    return { kind: 'buffer', buffer, offset: affineZero };
  }

  /** A stack of dense elements that a loop fills anew each time it runs, on the same memory. */
  reusedStack(): Pointer {
    const { dtype, size } = stackLayout;
    const at = pointerTo(this.workspace.allocate('stack', dtype, size));
    this.workspace.keepForever(at);
    this.prologue.push({ do: 'zero', at, bytes: stackDescriptorBytes });
    return at;
  }

  copy(from: Pointer, to: Pointer, bytes: number): void {
    if (bytes > 0) this.write({ do: 'copy', to, from, bytes }, from, to);
  }

  /** Reads an int32 or bool scalar in memory. */
  scalar(at: Pointer, type: 'int32' | 'bool'): Expr {
    let place = at;
    if (place.kind === 'slot') {
      place = pointerTo(this.workspace.allocate('scalar', type, 1));
      this.copy(at, place, type === 'int32' ? 4 : 1);
    }
    if (place.kind !== 'buffer') throw new Error('unreachable');
    this.workspace.touch(place);
    return { op: 'load', type, buffer: place.buffer, index: place.offset };
  }
}

/** The values of one level while its statements are written. */
export class Scope {
  readonly writer: Writer;
  readonly level: Level;
  readonly uses: Uses;
  /** Where each value is. */
  readonly #places = new Map<Var, Pointer>();
  /** Where a value should be made, so that it need not be copied there. */
  readonly #wants = new Map<Var, Pointer>();
  /** The first of the two buffers of each carry of a loop. */
  readonly #carries = new Map<LoopStep, Buffer[]>();

  constructor(writer: Writer, level: Level, inputs: readonly Pointer[]) {
    this.writer = writer;
    this.level = level;
    this.uses = new Uses(level);
    level.program.inputs.forEach((input, i) => {
      const place = inputs[i];
      if (place) this.#places.set(input, place);
    });
  }

  /** The body of a loop of this level. */
  inside(level: Level, inputs: readonly Pointer[]): Scope {
    return new Scope(this.writer, level, inputs);
  }

  /** Writes the steps of the level, and brings its outputs to the places given. */
  run(targets: readonly (Pointer | undefined)[]): void {
    const { outputs } = this.level.program;
    outputs.forEach((output, i) => {
      const target = targets[i];
      if (target && output.kind === 'var' && !this.#wants.has(output)) {
        this.#wants.set(output, target);
      }
    });
    for (let at = this.level.steps.length - 1; at >= 0; at--) this.#plan(at);
    this.level.steps.forEach((step, at) => {
      if (step.kind === 'kernel') this.#call(step, at);
      else if (step.kind === 'blocks') placeBlocks(this, step);
      else if (step.kind === 'host') placeHost(this, step);
      else if (step.kind === 'length') this.#placeLength(step.equation);
      else loopCompiler().place(this, step);
    });
    outputs.forEach((output, i) => {
      const target = targets[i];
      if (target) this.deliver(output, target);
    });
  }

  /** Where an operand is; literals are written to memory first. */
  placeOf(atom: Atom): Pointer {
    const place = atom.kind === 'var' ? this.#places.get(atom) : undefined;
    if (place) return place;
    const fresh = this.writer.allocate('value', atom.type);
    if (atom.kind === 'literal') this.deliver(atom, fresh);
    else if (bytesOf(atom.type) > 0) throw new Error('A value was used before it was made.');
    return fresh;
  }

  /** Brings a value to a place, unless it is there. */
  deliver(atom: Atom, to: Pointer): void {
    const bytes = bytesOf(atom.type);
    if (bytes === 0) return;
    if (atom.kind === 'var') {
      const from = this.placeOf(atom);
      if (!samePointer(from, to)) this.writer.copy(from, to, bytes);
      return;
    }
    const place = to.kind === 'buffer' ? to : this.writer.allocate('literal', atom.type);
    if (place.kind !== 'buffer') throw new Error('unreachable');
    const value = constant(atom.type.dtype, atom.value);
    this.writer.write({ do: 'store', buffer: place.buffer, index: place.offset, value }, place);
    if (to.kind === 'slot') this.writer.copy(place, to, bytes);
  }

  /** Whether nothing but scans over its elements ever refers to a result. */
  isOnlyScanned(result: Var): boolean {
    if (this.#wants.has(result) || this.level.program.outputs.includes(result)) return false;
    return this.level.steps.every((step) => {
      if (step.kind === 'kernel' || step.kind === 'blocks') return true;
      const { equation } = step;
      return !equation.inputs.slice(0, elementsFrom(equation)).includes(result);
    });
  }

  /** Where a result of a loop is to be made: wanted, or new. */
  placeResult(result: Var, name: string): Pointer {
    return this.#wants.get(result) ?? this.writer.allocate(name, result.type);
  }

  /** Notes where a result is, and brings it to where it is wanted. */
  define(result: Var, place: Pointer): void {
    this.#places.set(result, place);
    const wanted = this.#wants.get(result);
    if (wanted === undefined || samePointer(wanted, place)) return;
    this.deliver(result, wanted);
    this.#places.set(result, wanted);
  }

  /** The buffer in which carry `i` of a loop starts. */
  carryBuffer(step: LoopStep, i: number, init: Atom): Buffer {
    const own = this.#carries.get(step) ?? [];
    this.#carries.set(step, own);
    let buffer = own[i];
    if (buffer === undefined) {
      buffer = this.writer.allocate('carry', init.type).buffer;
      own[i] = buffer;
    }
    return buffer;
  }

  /** The length of a stack is the first word of its descriptor. */
  #placeLength({ inputs: [stack], outputs: [length] }: Equation): void {
    if (!stack || !length) throw new Error('unreachable');
    const place = this.placeResult(length, 'length');
    this.writer.copy(this.placeOf(stack), place, bytesOf(length.type));
    this.define(length, place);
  }

  /** Passes wishes of a step on to its operands; called from the last step to the first. */
  #plan(at: number): void {
    const step = this.level.steps[at];
    if (step?.kind === 'kernel') {
      const { inPlace } = step;
      if (inPlace === undefined || !this.uses.mayTake(step, at)) return;
      const wanted = this.#wants.get(inPlace.result);
      if (wanted && this.uses.isMade(inPlace.operand) && !this.#wants.has(inPlace.operand)) {
        this.#wants.set(inPlace.operand, wanted);
      }
    } else if (step?.kind === 'loop') {
      const { equation } = step;
      for (const [i, init] of carriesOf(step.equation).entries()) {
        this.#planUpdate(step, i, at);
        if (init.kind === 'literal' || !this.uses.isMade(init) || this.#wants.has(init)) continue;
        const once = equation.inputs.indexOf(init) === equation.inputs.lastIndexOf(init);
        if (once && this.uses.endsAt(init, at)) {
          this.#wants.set(init, pointerTo(this.carryBuffer(step, i, init)));
        }
      }
    }
  }

  /** A carry that is updated in place is so where the result is wanted. */
  #planUpdate(step: LoopStep, i: number, at: number): void {
    const result = step.equation.outputs[i];
    const wanted = result && this.#wants.get(result);
    if (wanted?.kind !== 'buffer' || !samePointer(wanted, pointerTo(wanted.buffer))) return;
    if (!this.uses.updatesCarry(step, i, at)) return;
    const own = this.#carries.get(step) ?? [];
    this.#carries.set(step, own);
    own[i] = wanted.buffer;
  }

  #call(step: KernelStep, at: number): void {
    const { kernel, loads, stores, inPlace } = step;
    const taken = inPlace && this.uses.mayTake(step, at) && this.uses.isMade(inPlace.operand);
    for (const v of stores.keys()) {
      const from = v === inPlace?.result ? this.placeOf(inPlace.operand) : undefined;
      const place =
        this.#wants.get(v) ?? (taken && from ? from : this.writer.allocate('value', v.type));
      if (from && !samePointer(from, place)) this.writer.copy(from, place, bytesOf(v.type));
      this.#places.set(v, place);
    }
    const args = [...loads.keys(), ...stores.keys()].map((v) => this.placeOf(v));
    this.writer.write({ do: 'call', kernel, args }, ...args);
  }
}
