import * as core from '@grad/core';
import { expect } from 'vitest';

export type Call = (...args: unknown[]) => unknown;

function isCall(value: unknown): value is Call {
  return typeof value === 'function';
}

/** Public functions by the names that messages use. */
function publicFunctions(): Map<string, Call> {
  const all = new Map<string, Call>();
  const spaces = {
    '': core,
    'random.': core.random,
    'tree.': core.tree,
    'debug.': core.debug,
    'sparse.': core.sparse,
    'fft.': core.fft,
    'complex.': core.complex,
    'linalg.': core.linalg,
  };
  for (const [prefix, space] of Object.entries(spaces)) {
    for (const [name, value] of Object.entries(space)) {
      if (isCall(value) && !/^[A-Z]/.test(name)) all.set(prefix + name, value);
    }
  }
  return all;
}

export const functions: ReadonlyMap<string, Call> = publicFunctions();

/** A public function by its name, to be called without types. */
export function named(name: string): Call {
  const found = functions.get(name);
  if (found) return found;
  throw new Error(`${name} is not exported`);
}

/** What a call throws. */
export function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Expects a message of a function about something. */
export function expectMessage(name: string, error: Error, about: string | RegExp): void {
  const what = typeof about === 'string' ? escaped(about) : about.source;
  expect(error.message).toMatch(new RegExp(`^${escaped(name)}: .*${what}`, 's'));
}
