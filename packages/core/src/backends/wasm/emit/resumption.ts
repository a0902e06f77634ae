import type { FunctionBuilder } from '../encode/module.ts';
import type { ModuleLayout } from '../layout.ts';
import type { ModuleParts } from './parts.ts';

/** Where a call that was left keeps how to go on, from the base of its memory. */
export interface ResumeLayout {
  /** int32: the point where it was left; 0 at the start. */
  readonly pointAt: number;
  /** int32: the loop between whose pieces a kernel was left, from 1; 0 in no kernel. */
  readonly pieceAt: number;
  /** int32: the first iteration of that loop that is left to do. */
  readonly iterationAt: number;
  /** int32 for each of `counters` counters of the route. */
  readonly countersAt: number;
  readonly counters: number;
  /** The call's memory with all of this. */
  readonly bytes: number;
}

export function resumeLayoutOf({ bytes }: ModuleLayout, counters: number): ResumeLayout {
  return {
    pointAt: bytes,
    pieceAt: bytes + 4,
    iterationAt: bytes + 8,
    countersAt: bytes + 12,
    counters,
    bytes: Math.ceil((bytes + 12 + 4 * counters) / 16) * 16,
  };
}

/** What the functions of a module that can be left share. */
export class Resumption {
  readonly parts: ModuleParts;
  readonly layout: ResumeLayout;
  /** Global: the point that is being returned to, or was just left; 0 while code runs. */
  readonly point: number;
  /** Global: the same for the loops of a kernel. */
  readonly piece: number;
  /** Global: operations until the host is asked again. */
  readonly #fuel: number;
  readonly #refuel: number;
  #spend: FunctionBuilder | undefined;

  constructor(parts: ModuleParts, layout: ResumeLayout) {
    this.parts = parts;
    this.layout = layout;
    this.#refuel = parts.module.importFunction('env', 'refuel', [], ['i32']);
    this.point = parts.module.global();
    this.piece = parts.module.global();
    this.#fuel = parts.module.global();
  }

  /** Charges the cost on the stack; leaves whether the call should be left. */
  printSpend(builder: FunctionBuilder, cost: number): void {
    builder.code.i32(Math.min(Math.ceil(cost), 2 ** 30));
    builder.code.call(this.#spendFunction().index);
  }

  #spendFunction(): FunctionBuilder {
    if (this.#spend) return this.#spend;
    const spend = this.parts.module.function(['i32'], ['i32']);
    const { code } = spend;
    code.globalGet(this.#fuel);
    code.get(0);
    code.op('i32.sub');
    code.tee(0);
    code.globalSet(this.#fuel);
    code.get(0);
    code.i32(0);
    code.op('i32.ge_s');
    code.if(() => {
      code.i32(0);
      code.op('return');
    });
    code.call(this.#refuel);
    code.tee(0);
    code.globalSet(this.#fuel);
    code.get(0);
    code.i32(0);
    code.op('i32.lt_s');
    this.#spend = spend;
    return spend;
  }

  /** Has the next point ask the host. */
  printEmptyTank(builder: FunctionBuilder): void {
    builder.code.i32(0);
    builder.code.globalSet(this.#fuel);
  }
}
