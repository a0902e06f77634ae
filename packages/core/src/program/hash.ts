import { formatType } from '../tensor/type.ts';
import { type Atom, isProgram, noParams, type Program, type Var } from './program.ts';

const identities = new WeakMap<object, number>();
let nextIdentity = 0;

/** A number that stands for an object: functions and operations are told apart by identity. */
export function identityOf(value: object): number {
  let id = identities.get(value);
  if (id === undefined) {
    id = nextIdentity++;
    identities.set(value, id);
  }
  return id;
}

const known = new WeakMap<Program, string>();

/**
 * A key that two Programs share exactly when they have the same structure: equal operations (by
 * identity), parameters, types and wiring, whatever their variables are called. The recorded places
 * of equations count, so that what is compiled once never reports another's line.
 */
export function structuralKey(program: Program): string {
  let key = known.get(program);
  if (key === undefined) {
    key = build(program);
    known.set(program, key);
  }
  return key;
}

function build(program: Program): string {
  const numbers = new Map<Var, number>();
  const parts: string[] = [];
  const define = (v: Var): string => {
    numbers.set(v, numbers.size);
    return formatType(v.type);
  };
  const use = (atom: Atom): string => {
    if (atom.kind === 'literal') {
      const value = Object.is(atom.value, -0) ? '-0' : String(atom.value);
      return `${value}:${formatType(atom.type)}`;
    }
    return String(numbers.get(atom) ?? `free${identityOf(atom)}`);
  };
  parts.push(program.inputs.map(define).join(','));
  for (const { operation, inputs, params, outputs, source } of program.equations) {
    const operands = inputs.map(use).join(',');
    const place = source?.place === undefined ? '' : `@${source.place}`;
    parts.push(
      `${identityOf(operation)}${keyOf(params)}(${operands})${outputs.map(define).join(',')}${place}`,
    );
  }
  parts.push(program.outputs.map(use).join(','));
  return parts.join(';');
}

/** A key of static data: numbers, strings, lists, plain objects, Programs; functions by identity. */
export function keyOf(value: unknown): string {
  if (Array.isArray(value)) return keyOfList(value);
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'function':
      return `#${identityOf(value)}`;
    case 'object': {
      if (value === null) return 'null';
      if (value === noParams) return '{}';
      if (isProgram(value)) return `{${structuralKey(value)}}`;
      const prototype = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) return `#${identityOf(value)}`;
      return keyOfRecord(value);
    }
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function keyOfList(list: readonly unknown[]): string {
  let key = '[';
  for (const each of list) key += `${keyOf(each)},`;
  return `${key}]`;
}

function keyOfRecord(record: object): string {
  const entries = Object.entries(record);
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  let key = '{';
  for (const [name, value] of entries) key += `${JSON.stringify(name)}:${keyOf(value)},`;
  return `${key}}`;
}
