import type { Program } from '../../program/program.ts';
import { makeTensor, type Tensor } from '../../tensor/tensor.ts';
import { type Executor, inOneGo, type ResumableRun } from '../../trace/executor.ts';
import { interpret, storageOfTensor } from './interpret.ts';

/** Runs Programs with the reference interpreter: the oracle that compiled code is held against. */
export class ReferenceExecutor implements Executor {
  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
    const results = interpret(program, inputs.map(storageOfTensor));
    return program.outputs.map(({ type }, i) => {
      const storage = results[i];
      if (storage === undefined) throw new Error('A result of the Program is missing.');
      return makeTensor(type, storage);
    });
  }

  begin(program: Program, inputs: readonly Tensor[]): ResumableRun {
    return inOneGo(() => this.run(program, inputs));
  }

  /** The Program as it is: an oracle takes no short cuts. */
  simplify(program: Program): Program {
    return program;
  }
}
