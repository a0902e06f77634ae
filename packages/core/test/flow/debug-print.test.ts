// Lines of debug.print, as they come out of compiled code and of the reference interpreter.

import {
  checkpoint,
  cond,
  customJvp,
  debug,
  explain,
  foriLoop,
  grad,
  hessian,
  jit,
  jvp,
  program,
  scan,
  setDebug,
  sin,
  switchCase,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { ReferenceExecutor } from '../../src/backends/reference/executor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

/** The lines that a call prints. */
function linesOf(call: () => unknown): string[] {
  const lines: string[] = [];
  const before = setDebug({ print: (line) => lines.push(line) });
  try {
    call();
  } finally {
    setDebug(before);
  }
  return lines;
}

/** The lines that the reference interpreter prints. */
function referenceLines(call: () => unknown): string[] {
  const before = setExecutor(new ReferenceExecutor());
  try {
    return linesOf(call);
  } finally {
    if (before) setExecutor(before);
  }
}

/** Expects the same lines of compiled code, of the interpreter, and of the search for NaN. */
function expectLines(call: () => unknown, lines: readonly string[]): void {
  expect(linesOf(call)).toEqual(lines);
  expect(referenceLines(call)).toEqual(lines);
  const before = setDebug({ nans: true });
  try {
    expect(linesOf(call)).toEqual(lines);
  } finally {
    setDebug(before);
  }
}

const noisy = (x: Tensor): Tensor => {
  debug.print('x = {}', x);
  const y = x.mul(x);
  debug.print('y = {} of {}', y, x);
  return y;
};

describe('debug.print', () => {
  test('prints once for each evaluation, eager and compiled', () => {
    const compiled = jit(noisy);
    expectLines(() => noisy(tensor(3)), ['x = 3', 'y = 9 of 3']);
    expectLines(() => [compiled(3), compiled(2)], ['x = 3', 'y = 9 of 3', 'x = 2', 'y = 4 of 2']);
    expect(compiled(3).item()).toBe(9);
  });

  test('writes numbers, arrays, masks and trees', () => {
    const call = (): void => {
      debug.print(
        '{} {}',
        tensor([
          [1, 2],
          [3, 4.5],
        ]),
        tensor([true, false]),
      );
      debug.print('{}', { w: [tensor(1), 2], name: 'layer', none: null });
      debug.print('nothing');
      debug.print('{}{}', tensor([]), tensor(-0));
    };
    expectLines(call, [
      '[[1, 2], [3, 4.5]] [true, false]',
      '{name: layer, none: null, w: [1, 2]}',
      'nothing',
      '[]-0',
    ]);
  });

  test('prints at each step of a loop, in order, and before and after it', () => {
    const f = jit((x: Tensor) => {
      debug.print('before');
      const y = foriLoop(
        0,
        3,
        (i, c) => {
          debug.print('{}: {}', i, c);
          return c.mul(2);
        },
        x,
      );
      debug.print('after {}', y);
      return y;
    });
    expectLines(() => f(1), ['before', '0: 1', '1: 2', '2: 4', 'after 8']);
  });

  test('stays where nothing needs what it prints, and is not merged with its like', () => {
    const f = jit((x: Tensor) => {
      debug.print('same');
      debug.print('same');
      scan(
        (c: Tensor) => {
          debug.print('dead {}', c);
          return [c.add(1), null];
        },
        sin(0),
        null,
        { length: 2 },
      );
      foriLoop(
        0,
        2,
        (_, c) => {
          debug.print('constant {}', x);
          return c;
        },
        x,
      );
      return x;
    });
    expectLines(() => f(5), ['same', 'same', 'dead 0', 'dead 1', 'constant 5', 'constant 5']);
  });

  test('prints in nested loops, conditions and the branch that is taken', () => {
    const f = jit((x: Tensor) =>
      whileLoop(
        (c) => {
          debug.print('test {}', c);
          return c.lt(2);
        },
        (c) =>
          foriLoop(
            0,
            2,
            (i, d) =>
              cond(
                i.gt(0),
                (e: Tensor) => {
                  debug.print('odd {}', e);
                  return e.add(1);
                },
                (e: Tensor) => {
                  debug.print('even {}', e);
                  return e;
                },
                d,
              ),
            c,
          ),
        x,
      ),
    );
    const lines = ['test 0', 'even 0', 'odd 0', 'test 1', 'even 1', 'odd 1', 'test 2'];
    expectLines(() => f(0), lines);
  });

  test('prints the primal once under derivatives of any mode and order, which it does not change', () => {
    const loop = (x: Tensor): Tensor =>
      foriLoop(
        0,
        2,
        (i, c) => {
          debug.print('{}', i);
          return c.mul(x);
        },
        x,
      );
    const f = (x: Tensor): Tensor => noisy(x).add(loop(x));
    const lines = ['x = 3', 'y = 9 of 3', '0', '1'];
    const calls = [
      () => grad(f)(3),
      () => jit(grad(f))(3),
      () => jvp(f, [tensor(3)], [tensor(1)]),
      () => grad(grad(f))(3),
      () => jit(grad(grad(f)))(3),
      () => hessian(f)(3),
      () => grad(checkpoint(f))(3),
    ];
    for (const call of calls) expectLines(call, lines);
    linesOf(() => {
      expect(grad(f)(3).item()).toBe(2 * 3 + 3 * 9);
      expect(grad(grad(f))(3).item()).toBe(2 + 6 * 3);
    });
  });

  test('prints once for each entry of a batch, in row-major order', () => {
    const show = (x: Tensor): Tensor => {
      debug.print('{}', x);
      return x;
    };
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expectLines(() => vmap(vmap(show))(x), ['1', '2', '3', '4']);
    expectLines(() => jit(vmap(show))(x), ['[1, 2]', '[3, 4]']);
    const both = vmap(
      (y: Tensor, z: Tensor) => {
        debug.print('{} {}', y, z);
        return y;
      },
      { inAxes: [0, null] },
    );
    expectLines(() => both(tensor([1, 2]), 7), ['1 7', '2 7']);
    expectLines(() => vmap(show)(tensor([])), []);
    expectLines(() => grad((y: Tensor) => vmap(show)(y).sum())(tensor([1, 2])), ['1', '2']);
  });

  test('does not print for entries of a batch whose loop has ended or that take another branch', () => {
    const count = vmap((n: Tensor) =>
      whileLoop(
        (c) => c.lt(3),
        (c) => {
          foriLoop(
            0,
            1,
            (_, d) => {
              debug.print('{} of {}', c, n);
              return d;
            },
            0,
          );
          return c.add(1);
        },
        n,
      ),
    );
    const lines = ['1 of 1', '2 of 2', '2 of 1'];
    expectLines(() => count(tensor([1, 5, 2])), lines);
    const choose = vmap((i: Tensor, x: Tensor) =>
      switchCase(
        i,
        [0, 1].map((k) => (y: Tensor) => {
          debug.print(`${k}: {}`, y);
          return y;
        }),
        x,
      ),
    );
    const index = tensor([1, 0, 1], { dtype: 'int32' });
    expectLines(() => choose(index, tensor([4, 5, 6])), ['0: 5', '1: 4', '1: 6']);
    const nested = vmap(
      vmap((n: Tensor) =>
        whileLoop(
          (c) => c.lt(2),
          (c) => {
            debug.print('{}', c);
            return c.add(1);
          },
          n,
        ),
      ),
    );
    expectLines(
      () =>
        nested(
          tensor([
            [0, 5],
            [1, 5],
          ]),
        ),
      ['0', '1', '1'],
    );
  });

  test('prints in a rule of a derivative when that is taken', () => {
    const f = customJvp(
      (x: Tensor) => x.mul(2),
      ([x], [dx]) => {
        debug.print('rule at {}', x);
        return [x.mul(2), dx.mul(2)];
      },
    );
    expectLines(() => f(1), []);
    expectLines(() => grad(f)(1), ['rule at 1']);
  });

  test('is shown by program and explain', () => {
    expect(String(program(noisy)(3))).toContain('debug.print[format=x = {} args=[*]');
    expect(explain(noisy, 3)).toMatch(/JavaScript debug\.print\(.*input0\) -> \(\)/);
  });

  test('refuses a format that does not fit its values', () => {
    expect(() => debug.print('{} {}', 1)).toThrow(
      'debug.print: the format "{} {}" has 2 places {} for 1 values.',
    );
    const format: unknown = tensor(1);
    expect(() => Reflect.apply(debug.print, debug, [format])).toThrow(
      /debug\.print: the format must be a string .*; it is a tensor/,
    );
  });
});
