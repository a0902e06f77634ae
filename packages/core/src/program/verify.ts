import { formatType, sameType } from '../tensor/type.ts';
import { formatProgram } from './print.ts';
import { type Atom, type Program, subprograms, type Var } from './program.ts';

/**
 * Checks that every variable is defined once and before its use, that each equation has the types
 * its operation gives, and that nested Programs are well formed too. Throws with the Program's text.
 */
export function verify(program: Program, after = 'verify'): Program {
  const defined = new Set<Var>();
  const fail = (what: string): never => {
    throw new Error(`${after}: ${what}\n${formatProgram(program)}`);
  };
  const define = (v: Var): void => {
    if (defined.has(v)) fail(`a variable of type ${formatType(v.type)} is defined twice`);
    defined.add(v);
  };
  const use = (atom: Atom, where: string): void => {
    if (atom.kind === 'var' && !defined.has(atom)) {
      fail(`${where} uses a variable of type ${formatType(atom.type)} before its definition`);
    }
  };
  program.inputs.forEach(define);
  for (const { operation, inputs, params, outputs } of program.equations) {
    for (const input of inputs) use(input, operation.name);
    for (const inner of subprograms(params)) verify(inner, `${after}: in ${operation.name}`);
    const types = operation.typeOf(
      inputs.map((input) => input.type),
      params,
    );
    if (types.length !== outputs.length) {
      fail(`${operation.name} has ${outputs.length} outputs, its rule gives ${types.length}`);
    }
    types.forEach((type, i) => {
      const output = outputs[i];
      if (output && !sameType(type, output.type)) {
        fail(`${operation.name} gives ${formatType(type)}, not ${formatType(output.type)}`);
      }
    });
    outputs.forEach(define);
  }
  for (const output of program.outputs) use(output, 'return');
  return program;
}
