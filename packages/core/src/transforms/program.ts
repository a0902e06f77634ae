import { formatProgram } from '../program/print.ts';
import { countEquations, type Program } from '../program/program.ts';
import { checkFunction } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { executor } from '../trace/executor.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/** A recorded function to look at: its equations, and their number with those inside loops. */
export interface RecordedProgram extends Program {
  readonly equationCount: number;
  /** One equation a line; values captured from outside are the first inputs. */
  toString(): string;
}

/**
 * Records f and gives its simplified Program, to print it or to count its equations:
 * `String(program(grad(f))(x))`.
 */
export function program<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
): (...args: Arguments<A>) => RecordedProgram {
  checkFunction('program', 'the first argument', f);
  return (...args) => {
    const [leaves, treedef] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const simple = executor().simplify(traceTree('program', f, treedef, types).program);
    return {
      ...simple,
      equationCount: countEquations(simple),
      toString: () => formatProgram(simple),
      // Node's `console.log` shows this.
      [Symbol.for('nodejs.util.inspect.custom')]: () => formatProgram(simple),
    };
  };
}
