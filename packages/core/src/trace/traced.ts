import type { Atom } from '../program/program.ts';
import { Symbolic, type ValueStorage } from '../tensor/storage.ts';
import { describeType, type ValueType } from '../tensor/type.ts';
import type { Trace } from './trace.ts';

/** A value of an open trace. */
export class Traced extends Symbolic {
  readonly trace: Trace;
  readonly atom: Atom;

  constructor(trace: Trace, atom: Atom) {
    super();
    this.trace = trace;
    this.atom = atom;
  }

  override concrete(operation: string): ValueStorage {
    return this.trace.evaluate(this.atom, operation);
  }
}

/** The error for a value that was kept after its trace had ended. */
export function leaked(operation: string, type: ValueType, { trace: { name } }: Traced): Error {
  return new Error(
    `${operation}: a value of type ${describeType(type)} was kept after the ${name} ` +
      'that made it had ended. Return it from the function instead of storing it outside.',
  );
}
