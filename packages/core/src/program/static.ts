import { isProgram, noParams, type Params } from './program.ts';

/** Whether static data is the same: lists and plain objects by content, all else by identity. */
export function sameStatic(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((value: unknown, i) => sameStatic(value, b[i]))
    );
  }
  if (!isPlain(a) || !isPlain(b) || isProgram(a)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => key in b && sameStatic(a[key], b[key]));
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Parameters with the lists in them as they are now: the user may own them and change them. */
export function copyParams(params: Params): Params {
  if (params === noParams) return noParams;
  const entries = Object.entries(params);
  if (entries.length === 0) return noParams;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of entries) copy[key] = copyList(value);
  return copy;
}

function copyList(value: unknown): unknown {
  return Array.isArray(value) ? value.map(copyList) : value;
}
