// Positions are int32: beyond 2^31 - 1 they would wrap around, and sums would silently be wrong. So
// nothing with more elements, or a longer axis, is made, be it never stored.

import * as core from '@grad/core';
import {
  arange,
  broadcastTo,
  foriLoop,
  grad,
  jit,
  jvp,
  program,
  random,
  type Shape,
  ShapeError,
  scan,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const most = 2 ** 31 - 1;

const scalar = tensor(1);
const index = tensor([0], { dtype: 'int32' });

/** Makes something of n elements on an axis, or of n beside others. */
type Maker = (n: number) => Tensor | readonly Tensor[];

const makers: { readonly [name: string]: Maker } = {
  broadcastTo: (n) => broadcastTo(scalar, [n]),
  arange: (n) => arange(n),
  linspace: (n) => core.linspace(0, 1, n),
  zeros: (n) => core.zeros([n]),
  ones: (n) => core.ones([1, n, 1]),
  full: (n) => core.full([n], 3, { dtype: 'float32' }),
  tile: (n) => core.tile(scalar, n),
  oneHot: (n) => core.oneHot(index, n),
  pad: (n) => core.pad(tensor([1]), [[n - 1, 0]]),
  segmentSum: (n) => core.segmentSum(tensor([1]), index, { count: n }),
  segmentMax: (n) => core.segmentMax(tensor([1]), index, { count: n }),
  conv: (n) => core.conv(core.ones([1, 1, 1]), core.ones([1, 1, 1]), { padding: [[n - 1, 0]] }),
  'random.normal': (n) => random.normal(random.key(0), [n]),
  'random.uniform': (n) => random.uniform(random.key(0), [n]),
  'random.bits': (n) => random.bits(random.key(0), [n]),
  scan: (n) => scan((c: Tensor, _) => [c, c], scalar, null, { length: n })[1],
  vmap: (n) => vmap(() => scalar, { axisSize: n })(),
};

/** The type of what a function gives, which is recorded and never run. */
function recorded(make: () => Tensor | readonly Tensor[]): string {
  return program(() => [make()].flat())().toString();
}

describe.each(Object.entries(makers))('%s', (name, make) => {
  test('makes up to 2^31 - 1 elements, and refuses more by name', () => {
    fc.assert(
      fc.property(fc.integer({ min: most - 40, max: most + 40 }), (n) => {
        if (n <= most) {
          expect(recorded(() => make(n))).toContain(`${n}`);
          return;
        }
        const refused = (): unknown => recorded(() => make(n));
        expect(refused).toThrow(ShapeError);
        expect(refused).toThrow(
          new RegExp(
            `^${name}: shape \\[[\\d, ]*\\] has an axis of ${n}; at most ${most} \\(2\\^31`,
          ),
        );
      }),
      { numRuns: 30 },
    );
  });

  test.each([2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53])(
    'refuses %d, outside of jit too',
    (n) => {
      expect(() => make(n)).toThrow(ShapeError);
      expect(() => jit(() => make(n))()).toThrow(ShapeError);
    },
  );
});

test('two axes make no more elements than one', () => {
  const column = core.ones([2 ** 16, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 2 ** 15 - 9, max: 2 ** 15 + 9 }), (n) => {
      const row = core.ones([n]);
      const both = program((x: Tensor, y: Tensor) => x.add(y));
      if (n * 2 ** 16 <= most) {
        expect(both(column, row).toString()).toContain(`f64[65536,${n}]`);
      } else {
        expect(() => both(column, row)).toThrow(
          `add: shape [65536, ${n}] has ${n * 2 ** 16} elements; at most 2147483647`,
        );
        expect(() => column.add(row)).toThrow(ShapeError);
      }
    }),
    { numRuns: 20 },
  );
});

test('pieces that are short enough make no axis that is too long', () => {
  const joined = (n: number) => () =>
    core.concatenate([broadcastTo(scalar, [n - 64]), core.ones([64])]);
  expect(recorded(joined(most))).toContain(`${most}`);
  expect(() => recorded(joined(most + 1))).toThrow('concatenate: shape [2147483648] has an axis');
});

test('an empty shape has no axis that is longer either', () => {
  expect(() => core.zeros([0, 2 ** 31])).toThrow('zeros: shape [0, 2147483648] has an axis');
  expect(core.zeros([0, most]).shape).toEqual([0, most]);
});

describe('transforms', () => {
  const spread = (x: Tensor): Tensor => broadcastTo(x, [2 ** 20]).sum();

  test('vmap refuses a batch that makes too many', () => {
    const batch = core.ones([2 ** 11]);
    const refused = 'broadcast: shape [2048, 1048576] has 2147483648 elements; at most 2147483647';
    expect(() => vmap(spread)(batch)).toThrow(ShapeError);
    expect(() => jit(vmap(spread))(batch)).toThrow(refused);
    expect(vmap(spread)(core.ones([3])).toArray()).toEqual([2 ** 20, 2 ** 20, 2 ** 20]);
  });

  test('derivatives refuse what the function does', () => {
    const wide = (x: Tensor): Tensor => broadcastTo(x, [2 ** 31 + 5]).sum();
    for (const f of [grad(wide), jit(grad(wide)), (x: Tensor) => jvp(wide, [x], [x])]) {
      expect(() => f(scalar)).toThrow('broadcastTo: shape [2147483653]');
    }
  });

  test('loops count in int32', () => {
    const count = (lo: number, hi: number): Tensor =>
      foriLoop(lo, hi, (_, n: Tensor) => n.add(1), tensor(0));
    expect(() => count(0, 2 ** 32 + 3)).toThrow('foriLoop: the upper bound is 4294967299; int32');
    expect(() => count(-(2 ** 31) - 1, 0)).toThrow('foriLoop: the lower bound is -2147483649');
    expect(() => count(-9, most)).toThrow('foriLoop: shape [2147483656]');
    expect(count(most - 3, most).item()).toBe(3);
    const to3 = (maxSteps: number): Tensor =>
      whileLoop(
        (n: Tensor) => n.lt(3),
        (n) => n.add(1),
        tensor(0),
        { maxSteps },
      );
    expect(() => to3(2 ** 31)).toThrow('whileLoop: maxSteps is 2147483648; int32 holds');
    expect(to3(most).item()).toBe(3);
  });
});

describe('numbers that int32 does not hold', () => {
  const x = tensor([1, 2, 3]);

  test('are no index', () => {
    const refused = /the index has 4294967296, and int32 holds -2147483648 to 2147483647/;
    expect(() => core.take(x, 2 ** 32)).toThrow(refused);
    expect(() => core.take(x, [2 ** 32])).toThrow(core.DTypeError);
    expect(() => core.dynamicSlice(x, [2 ** 32], [1])).toThrow(refused);
    expect(() => core.scatter(x, [2 ** 32], 5)).toThrow(refused);
    expect(() => core.gather(x, [2 ** 32])).toThrow(refused);
    expect(() => tensor([3e9], { dtype: 'int32' })).toThrow('tensor: the argument has 3000000000');
  });

  test('make an operation with an int32 tensor one of float64', () => {
    const one = tensor([1], { dtype: 'int32' });
    for (const big of [2 ** 31, -(2 ** 31) - 1, 2 ** 40]) {
      expect(one.add(big).toArray()).toEqual([big + 1]);
      expect(one.lt(big).toArray()).toEqual([big > 0]);
    }
    expect(one.mul(most).dtype).toBe('int32');
    expect(one.mul(-(2 ** 31)).toArray()).toEqual([-(2 ** 31)]);
  });

  test('are in a range of float64, or refused by one of int32', () => {
    const values = [most - 1, most, most + 1, most + 2];
    expect(arange(most - 1, most + 3).toArray()).toEqual(values);
    expect(arange(most - 1, most + 1).dtype).toBe('int32');
    expect(arange(most - 1, most + 1).toArray()).toEqual([most - 1, most]);
    expect(arange(-(2 ** 31) - 1, -(2 ** 31) + 1).toArray()).toEqual([-(2 ** 31) - 1, -(2 ** 31)]);
    expect(() => arange(most - 1, most + 3, 1, { dtype: 'int32' })).toThrow(
      'arange: elements from 2147483646 to 2147483649 do not fit int32',
    );
  });

  test('fold into a key only as far as they make another one', () => {
    const key = random.key(0);
    expect(() => random.foldIn(key, 2 ** 32)).toThrow('random.foldIn: 4294967296 has more than 32');
    expect(random.foldIn(key, 2 ** 32 - 1).toArray()).toEqual(random.foldIn(key, -1).toArray());
  });

  test('are bits where bits are meant', () => {
    expect(core.bitwiseAnd(tensor([-1], { dtype: 'int32' }), 0xf0f0f0f0).toArray()).toEqual([
      0xf0f0f0f0 | 0,
    ]);
    expect(() => core.bitwiseAnd(tensor([1], { dtype: 'int32' }), 2 ** 32)).toThrow(
      core.DTypeError,
    );
  });
});

// Nothing is stored: a second or so of adding each.
describe('just below the limit', () => {
  test('a sum over all elements has them all', () => {
    const total = jit((x: Tensor) => broadcastTo(x, [most]).sum());
    expect(total(tensor(1)).item()).toBe(most);
  });

  test('positions are right at the end', () => {
    const last = (shape: Shape, ...at: number[]): number =>
      jit(() =>
        arange(0, most - 1, 1, { dtype: 'float64' })
          .reshape(shape)
          .at(...at),
      )().item();
    expect(last([most - 1], most - 2)).toBe(most - 2);
    expect(last([2, (most - 1) / 2], 1, -1)).toBe(most - 2);
    expect(last([(most - 1) / 2, 2], -1, 0)).toBe(most - 3);
    const flipped = jit(() =>
      core.flip(arange(0, most, 1, { dtype: 'float64' })).at([0, null, 2 ** 30]),
    );
    expect(flipped().toArray()).toEqual([most - 1, most - 1 - 2 ** 30]);
  });

  test('the largest of all positions is found', () => {
    const largest = jit(() => arange(most).max());
    expect(largest().item()).toBe(most - 1);
  });
});
