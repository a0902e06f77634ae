import type { Atom, Params, Program } from '../../src/program/program.ts';
import { isProgram, newLiteral } from '../../src/program/program.ts';
import { tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, Environment, trace } from '../../src/trace/trace.ts';

/** The same Program of float32 values. */
export function inFloat32(program: Program): Program {
  return trace(
    program.inputs.map(({ type }) => narrowed(type)),
    (...inputs) => {
      const environment = new Environment();
      environment.define(program.inputs, inputs);
      const read = (atom: Atom) => environment.read(narrowedAtom(atom));
      for (const equation of program.equations) {
        const operands = equation.inputs.map(read);
        environment.define(
          equation.outputs,
          bind(equation.operation, operands, narrowedParams(equation.params)),
        );
      }
      return program.outputs.map(read);
    },
    { name: 'float32' },
  ).program;
}

function narrowed(type: ValueType): ValueType {
  if (type.kind === 'stack' || type.dtype !== 'float64') return type;
  return tensorType('float32', type.shape, type.weak);
}

function narrowedAtom(atom: Atom): Atom {
  if (atom.kind === 'var' || atom.type.dtype !== 'float64') return atom;
  return newLiteral(atom.value, 'float32', atom.type.weak);
}

function narrowedParams(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [
      key,
      isProgram(value) ? inFloat32(value) : value,
    ]),
  );
}
