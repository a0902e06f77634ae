import { formatType } from '../tensor/type.ts';
import { type Atom, isProgram, type Params, type Program, type Var } from './program.ts';
import { formatTree, isTreeDef } from './tree.ts';

/**
 * A Program as text, one equation a line:
 *
 * ```text
 * (a: f64[3]) => {
 *   b: f64[3] = sin a
 *   c: f64[] = sum[axes=[0]] b
 *   return c
 * }
 * ```
 */
export function formatProgram(program: Program): string {
  return write(program, '', new Names());
}

class Names {
  readonly #names = new Map<Var, string>();

  of(atom: Atom): string {
    if (atom.kind === 'literal') return `${atom.value}:${formatType(atom.type)}`;
    let name = this.#names.get(atom);
    if (name === undefined) {
      name = letters(this.#names.size);
      this.#names.set(atom, name);
    }
    return name;
  }
}

/** a, b, ..., z, aa, ab, ... */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

function write(program: Program, indent: string, names: Names): string {
  const declare = (v: Var): string => `${names.of(v)}: ${formatType(v.type)}`;
  const head = `(${program.inputs.map(declare).join(', ')}) => {`;
  const inner = `${indent}  `;
  const lines = program.equations.map(({ operation, inputs, params, outputs }) => {
    const right = [operation.name + formatParams(params, inner), ...inputs.map((i) => names.of(i))];
    const left = outputs.map(declare).join(', ');
    return `${inner}${left}${left && ' = '}${right.join(' ')}`;
  });
  const result = `${inner}return ${program.outputs.map((o) => names.of(o)).join(', ')}`;
  return [head, ...lines, result, `${indent}}`].join('\n');
}

function formatParams(params: Params, indent: string): string {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return '';
  return `[${entries.map(([key, value]) => `${key}=${formatParam(value, indent)}`).join(' ')}]`;
}

function formatParam(value: unknown, indent: string): string {
  if (isProgram(value)) return write(value, indent, new Names());
  if (Array.isArray(value)) return `[${value.map((v) => formatParam(v, indent)).join(',')}]`;
  if (typeof value === 'function') return value.name || 'function';
  if (isTreeDef(value)) return formatTree(value);
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, v]) => `${key}=${formatParam(v, indent)}`)
      .join(' ')}}`;
  }
  return String(value);
}
