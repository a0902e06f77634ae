import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { evals } from '../src/evals/index.ts';
import { Input } from '../src/input.ts';

interface Recording {
  readonly function: string;
  readonly input: unknown;
  readonly output: unknown;
}

/**
 * Inputs of small sizes with outputs that GradBench derives by hand: of its tool `manual`, of the
 * validators of `particle` and `saddle`, and of a naive density for a mixture in one dimension. The
 * gradient of `ode` is that of a product: the last solution is proportional to each x.
 */
function recordings(name: string): Recording[] {
  const path = new URL(`recorded/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** GradBench asks for 1e-4. Both sides compute in float64, by different formulas. */
const tolerance = 1e-11;

/** GradBench's measure: the difference, relative where numbers are larger than 1. */
function expectClose(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const scale = Math.max(1, Math.abs(actual) + Math.abs(expected));
    const difference = Math.abs(actual - expected) / scale;
    expect(difference, `${path}: ${actual} and ${expected}`).toBeLessThan(tolerance);
  } else if (typeof expected === 'object' && expected !== null) {
    expect(actual, path).toBeTypeOf('object');
    expect(Object.keys(Object(actual)).sort(), path).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected)) {
      expectClose(Reflect.get(Object(actual), key), value, `${path}.${key}`);
    }
  } else {
    expect(actual, path).toEqual(expected);
  }
}

for (const [name, functions] of evals) {
  test(`${name} gives what GradBench expects, in each of its functions`, () => {
    const cases = recordings(name);
    for (const [i, { function: f, input, output }] of cases.entries()) {
      const task = functions[f]?.(new Input(input));
      task?.run();
      expectClose(task?.output(), output, `${name} ${i} ${f}`);
    }
    expect(new Set(cases.map((c) => c.function))).toEqual(new Set(Object.keys(functions)));
  });
}
