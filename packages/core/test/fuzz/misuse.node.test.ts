import * as core from '@grad/core';
import * as testing from '@grad/core/testing';
import { expect, test } from 'vitest';
import { checkMisuse } from './misuse.ts';
import { rightCalls } from './misuse-calls.ts';
import { leftOut } from './misuse-left-out.ts';

/** Every function that the package exports, those of its parts as `linalg.inv`. */
function publicFunctions(): string[] {
  const isClass = (f: object): boolean => /^class\b/.test(String(f));
  const named = Object.entries({ ...core, ...testing }).flatMap(([name, value]) => {
    // Expressions of kernels are for authors of primitives.
    if (name === 'kernel' || name === 'gradMatchers') return [];
    if (typeof value !== 'object') return [[name, value] as const];
    return Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each] as const);
  });
  return named.flatMap(([name, value]) =>
    typeof value === 'function' && !isClass(value) ? [name] : [],
  );
}

test('every public function is misused, or says why not', () => {
  const called = new Set([...rightCalls.map(({ name }) => name), ...Object.keys(leftOut)]);
  const all = publicFunctions();
  expect(all.length).toBeGreaterThan(200);
  expect(all.filter((name) => !called.has(name))).toEqual([]);
  expect(Object.keys(leftOut).filter((name) => !all.includes(name))).toEqual([]);
});

test('what is misused is right before one argument is made wrong', () => {
  for (const { name, run, args } of rightCalls) {
    expect(() => run(...args.map(({ value }) => value)), name).not.toThrow();
  }
});

// Which calls: see `misuse-calls.ts`. The runner goes on from here: `npm run fuzz -- --mode misuse`.
test('one wrong argument makes a public function throw an error that names it', () => {
  const complaints = new Set<string>();
  let refused = 0;
  for (let seed = 0; seed < 8000; seed++) {
    const { verdicts, failures } = checkMisuse(seed);
    for (const { message } of failures) complaints.add(message);
    if (Object.values(verdicts).includes('holds')) refused += 1;
  }
  expect([...complaints]).toEqual([]);
  expect(refused).toBeGreaterThan(6000);
});
