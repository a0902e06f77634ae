import { type Evaluator, storageOfTensor, walk } from '../backends/reference/walk.ts';
import { statusKinds } from '../backends/wasm/layout.ts';
import { primitiveOf } from '../primitives/define.ts';
import type { Equation, Program, Var } from '../program/program.ts';
import { isFloat } from '../tensor/dtype.ts';
import type { ValueStorage } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';
import { type Executor, inOneGo, type ResumableRun } from '../trace/executor.ts';
import { failureOf } from './call-failure.ts';
import { type LoopStep, NaNError } from './nan-error.ts';

/** What to look for in results. */
export interface Suspects {
  /** NaN made of operands without one. */
  readonly nans: boolean;
  /** Infinities made of finite operands. */
  readonly infs: boolean;
}

/**
 * Runs Programs one equation after the other with another executor, and loops step by step, and
 * throws at the first operation whose result holds what is looked for while its operands do not.
 */
export class NaNExecutor implements Executor {
  readonly inner: Executor;
  readonly #suspects: Suspects;

  constructor(inner: Executor, suspects: Suspects) {
    this.inner = inner;
    this.#suspects = suspects;
  }

  simplify(program: Program): Program {
    return this.inner.simplify(program);
  }

  get threads(): number {
    return this.inner.threads ?? 1;
  }

  get whyFewerThreads(): string | undefined {
    return this.inner.whyFewerThreads;
  }

  startThreads(threads: number): Promise<number> {
    return this.inner.startThreads?.(threads) ?? Promise.resolve(1);
  }

  loadBegin(): undefined {}

  begin(program: Program, inputs: readonly Tensor[]): ResumableRun {
    return inOneGo(() => this.run(program, inputs));
  }

  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
    const results = walk(program, inputs.map(storageOfTensor), this.#evaluator());
    return program.outputs.map(({ type }, i) => {
      const storage = results[i];
      if (storage === undefined) throw new Error('A result of the Program is missing.');
      return makeTensor(type, storage);
    });
  }

  /** An evaluator that knows the steps of the loops that it is in. */
  #evaluator(): Evaluator {
    const steps: LoopStep[] = [];
    return {
      evaluate: (equation, operands) => {
        const { lower, decompose } = primitiveOf(equation.operation);
        if (!lower && decompose) return undefined;
        const results = this.#runOne(equation, operands);
        this.#inspect(equation, operands, results, steps);
        return results;
      },
      step: ({ operation }, step, run) => {
        steps.push({ loop: operation.name, step });
        const result = run();
        steps.pop();
        return result;
      },
      tooManySteps: ({ operation, source }, maxSteps) =>
        failureOf(
          statusKinds.failed,
          { operation: operation.name, kind: 'maxSteps', limit: maxSteps, source },
          maxSteps,
        ),
    };
  }

  #runOne(equation: Equation, operands: readonly ValueStorage[]): ValueStorage[] {
    const program = programOf(equation);
    const given = program.inputs.map((input) => {
      const storage = operands[equation.inputs.indexOf(input)];
      if (storage === undefined) throw new Error('An operand is missing.');
      return makeTensor(input.type, storage);
    });
    return this.inner.run(program, given).map(storageOfTensor);
  }

  #inspect(
    equation: Equation,
    operands: readonly ValueStorage[],
    results: readonly ValueStorage[],
    steps: readonly LoopStep[],
  ): void {
    results.forEach((result, output) => {
      const type = equation.outputs[output]?.type;
      if (result.kind !== 'dense' || type?.kind !== 'tensor' || !isFloat(type.dtype)) return;
      const at = result.data.findIndex((x) => !Number.isFinite(x) && this.#isSuspect(x));
      const value = result.data[at];
      if (value === undefined) return;
      const known = operands.some(
        (operand) => operand.kind === 'dense' && operand.data.some((x) => this.#isKin(x, value)),
      );
      if (!known) throw new NaNError(equation, operands, { value, at, output }, result, [...steps]);
    });
  }

  #isSuspect(x: number): boolean {
    return Number.isNaN(x) ? this.#suspects.nans : this.#suspects.infs;
  }

  /** Whether an operand explains a value: a NaN another one, and anything that is not finite an infinity. */
  #isKin(x: number, value: number): boolean {
    return Number.isNaN(value) ? Number.isNaN(x) : !Number.isFinite(x);
  }
}

const programs = new WeakMap<Equation, Program>();

/** The Program of one equation. Only what may fail keeps its place, so that the others share code. */
function programOf(equation: Equation): Program {
  const known = programs.get(equation);
  if (known) return known;
  const { operation, inputs, params, outputs } = equation;
  const program: Program = {
    inputs: [...new Set(inputs.filter((input): input is Var => input.kind === 'var'))],
    equations: [operation.mayFail ? equation : { operation, inputs, params, outputs }],
    outputs,
  };
  programs.set(equation, program);
  return program;
}
