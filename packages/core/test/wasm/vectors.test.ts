import { describe, expect, test } from 'vitest';
import { affineAdd, affineLoop, affineScale, affineShift } from '../../src/kernel/affine.ts';
import type { Expr, MathFunction } from '../../src/kernel/expr.ts';
import {
  binary,
  cast,
  checkedIndex,
  compare,
  constant,
  math,
  select,
} from '../../src/kernel/language.ts';
import type { Kernel } from '../../src/kernel/statement.ts';
import {
  buffer,
  inOrder,
  load,
  localOf,
  loopOf,
  parallel,
  pointer,
  read,
  runModule,
  store,
} from './harness.ts';

function sequence(count: number, value: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => value(i));
}

const floats = ['float64', 'float32'] as const;

function array(type: 'float64' | 'float32', values: readonly number[]) {
  return type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}

describe.each(floats)('loops over %s', (type) => {
  test('fill vectors and compute what is left, for every extent', () => {
    for (let n = 0; n <= 17; n++) {
      const [x, y, z] = ['x', 'y', 'z'].map((name) => buffer(name, type, n));
      if (!x || !y || !z) throw new Error('three buffers');
      const i = loopOf('i', n);
      const value = binary('sub', binary('mul', load(x, i), load(y, i)), constant(type, 0.5));
      const a = sequence(n, (k) => k + 0.25);
      const b = sequence(n, (k) => 3 - k);
      const { outputs } = runModule(
        { main: [parallel(i, store(z, i, value))], inputs: [x, y], outputs: [z] },
        [array(type, a), array(type, b)],
      );
      expect([...(outputs[0] ?? [])]).toEqual(a.map((v, k) => v * (b[k] ?? 0) - 0.5));
    }
  });

  test('of unknown extent do so as well', () => {
    const x = buffer('x', type, 17);
    const y = buffer('y', type, 17);
    const n = buffer('n', 'int32', 1);
    const i = loopOf('i');
    const body = [store(y, i, binary('add', load(x, i), constant(type, 1)))];
    for (let count = 0; count <= 17; count++) {
      const { outputs } = runModule(
        {
          main: [
            { do: 'zero', at: pointer(y), bytes: 17 * (type === 'float64' ? 8 : 4) },
            { do: 'for', loop: i, count: load(n, 0), parallel: true, body },
          ],
          inputs: [x, n],
          outputs: [y],
        },
        [
          array(
            type,
            sequence(17, (k) => k),
          ),
          Int32Array.of(count),
        ],
      );
      expect([...(outputs[0] ?? [])]).toEqual(sequence(17, (k) => (k < count ? k + 1 : 0)));
    }
  });

  test('may update an array in place, through two parameters', () => {
    const [x, y] = [buffer('x', type, 11), buffer('y', type, 11)];
    const [i, j] = [loopOf('i', 11), loopOf('j', 11)];
    const twice: Kernel = {
      name: 'twice',
      params: [x, y],
      body: [
        parallel(i, store(y, i, binary('add', load(x, i), load(x, i)))),
        parallel(j, store(y, j, binary('add', load(y, j), constant(type, 1)))),
      ],
    };
    const z = buffer('z', type, 11);
    const { outputs } = runModule(
      {
        kernels: [twice],
        main: [
          parallel(loopOf('k', 1), store(z, 0, constant(type, 7))),
          { do: 'call', kernel: twice, args: [pointer(z), pointer(z)] },
        ],
        outputs: [z],
      },
      [],
    );
    expect(outputs[0]?.[0]).toBe(15);
  });

  test('carry locals of the body in lanes', () => {
    const [x, y, z] = ['x', 'y', 'z'].map((name) => buffer(name, type, 13));
    if (!x || !y || !z) throw new Error('three buffers');
    const i = loopOf('i', 13);
    const square = localOf('square', type);
    const factor = localOf('factor', type);
    const values = sequence(13, (k) => k - 6);
    const { outputs } = runModule(
      {
        main: [
          { do: 'set', local: factor, value: constant(type, 3) },
          parallel(
            i,
            { do: 'set', local: square, value: binary('mul', load(x, i), load(x, i)) },
            store(y, i, binary('mul', read(square), read(factor))),
            { do: 'set', local: square, value: binary('add', read(square), constant(type, 1)) },
            store(z, i, read(square)),
          ),
        ],
        inputs: [x],
        outputs: [y, z],
      },
      [array(type, values)],
    );
    expect([...(outputs[0] ?? [])]).toEqual(values.map((v) => 3 * v * v));
    expect([...(outputs[1] ?? [])]).toEqual(values.map((v) => v * v + 1));
  });

  test('read a local anew after it is set, through the same expression', () => {
    const [x, y, z] = ['x', 'y', 'z'].map((name) => buffer(name, type, 13));
    if (!x || !y || !z) throw new Error('three buffers');
    const i = loopOf('i', 13);
    const place = localOf('place', type);
    const shared = read(place);
    const next = binary('add', shared, constant(type, 1));
    const values = sequence(13, (k) => k - 6);
    const { outputs } = runModule(
      {
        main: [
          parallel(
            i,
            { do: 'set', local: place, value: load(x, i) },
            { do: 'set', local: place, value: next },
            store(y, i, shared),
            { do: 'set', local: place, value: next },
            store(z, i, next),
          ),
        ],
        inputs: [x],
        outputs: [y, z],
      },
      [array(type, values)],
    );
    expect([...(outputs[0] ?? [])]).toEqual(values.map((v) => v + 1));
    expect([...(outputs[1] ?? [])]).toEqual(values.map((v) => v + 3));
  });

  test('gather by checked indices, and scatter with a stride', () => {
    for (const n of [1, 3, 4, 9, 16]) {
      const x = buffer('x', type, 20);
      const at = buffer('at', 'int32', n);
      const y = buffer('y', type, 2 * n);
      const i = loopOf('i', n);
      const value = math('exp', load(x, checkedIndex(load(at, i), 20, 0)));
      const indices = Int32Array.from({ length: n }, (_, k) => (k * 7) % 20);
      const values = array(
        type,
        sequence(20, (k) => (k - 10) / 4),
      );
      const { outputs, status } = runModule(
        {
          main: [
            { do: 'zero', at: pointer(y), bytes: 2 * n * (type === 'float64' ? 8 : 4) },
            parallel(i, store(y, affineScale(affineLoop(i), 2), value)),
          ],
          inputs: [x, at],
          outputs: [y],
        },
        [values, indices],
      );
      expect(status.kind).toBe(0);
      const expected = sequence(2 * n, (k) =>
        k % 2 ? 0 : Math.exp(values[indices[k / 2] ?? 0] ?? 0),
      );
      const unit = type === 'float64' ? 2 ** -51 : 2 ** -22;
      expected.forEach((value, k) => {
        expect(Math.abs((outputs[0]?.[k] ?? 0) - value)).toBeLessThanOrEqual(unit * value);
      });
    }
  });

  test('choose the loop whose neighbours are neighbours in memory', () => {
    const [rows, columns] = [5, 9];
    const x = buffer('x', type, rows * columns);
    const y = buffer('y', type, rows * columns);
    const [r, c] = [loopOf('r', rows), loopOf('c', columns)];
    const at = affineAdd(affineScale(affineLoop(r), columns), affineLoop(c));
    const values = sequence(rows * columns, (k) => k * k);
    const { outputs } = runModule(
      {
        main: [parallel(c, parallel(r, store(y, at, binary('add', load(x, at), load(x, c)))))],
        inputs: [x],
        outputs: [y],
      },
      [array(type, values)],
    );
    expect([...(outputs[0] ?? [])]).toEqual(values.map((v, k) => v + (values[k % columns] ?? 0)));
  });
});

test('the first index out of range of a vector is the one that is reported', () => {
  const x = buffer('x', 'float32', 4);
  const at = buffer('at', 'int32', 12);
  const y = buffer('y', 'float32', 12);
  const i = loopOf('i', 12);
  const { status } = runModule(
    {
      main: [parallel(i, store(y, i, math('exp', load(x, checkedIndex(load(at, i), 4, 5)))))],
      inputs: [x, at],
      outputs: [y],
    },
    [Float32Array.of(0, 1, 2, 3), Int32Array.of(0, 1, 2, 3, 3, 2, 17, -4, 0, 0, 99, 0)],
  );
  expect(status).toEqual({ kind: 1, site: 5, index: 17 });
});

test('a scatter out of range writes nothing outside its array', () => {
  const at = buffer('at', 'int32', 6);
  const y = buffer('y', 'float64', 4);
  const i = loopOf('i', 6);
  const { status, outputs } = runModule(
    {
      main: [
        { do: 'zero', at: pointer(y), bytes: 32 },
        inOrder(i, store(y, checkedIndex(load(at, i), 4, 1), constant('float64', 1))),
      ],
      inputs: [at],
      outputs: [y],
    },
    [Int32Array.of(1, 4, -1, 2, 1000000, -2147483648)],
  );
  expect(status).toEqual({ kind: 1, site: 1, index: 4 });
  expect([...(outputs[0] ?? [])]).toEqual([0, 1, 0, 0]);
});

test('masks of bytes select among values of every width', () => {
  const n = 19;
  const mask = buffer('mask', 'bool', n);
  const wide = buffer('wide', 'float64', n);
  const narrow = buffer('narrow', 'float32', n);
  const whole = buffer('whole', 'int32', n);
  const outs = [
    buffer('a', 'float64', n),
    buffer('b', 'float32', n),
    buffer('c', 'int32', n),
    buffer('d', 'bool', n),
  ] as const;
  const i = loopOf('i', n);
  const m = load(mask, i);
  const [a, b, c, d] = outs;
  const positive = compare('gt', load(wide, i), constant('float64', 0));
  const { outputs } = runModule(
    {
      main: [
        parallel(
          i,
          store(a, i, select(m, load(wide, i), cast('float64', load(narrow, i)))),
          store(b, i, select(m, cast('float32', load(whole, i)), load(narrow, i))),
          store(c, i, select(m, load(whole, i), cast('int32', load(wide, i)))),
          store(d, i, binary('xor', m, positive)),
        ),
      ],
      inputs: [mask, wide, narrow, whole],
      outputs: outs,
    },
    [
      Uint8Array.from({ length: n }, (_, k) => Number(k % 3 === 0)),
      Float64Array.from({ length: n }, (_, k) => 9.5 - k),
      Float32Array.from({ length: n }, (_, k) => k + 0.5),
      Int32Array.from({ length: n }, (_, k) => 100 * k),
    ],
  );
  const on = (k: number): boolean => k % 3 === 0;
  expect([...(outputs[0] ?? [])]).toEqual(sequence(n, (k) => (on(k) ? 9.5 - k : k + 0.5)));
  expect([...(outputs[1] ?? [])]).toEqual(sequence(n, (k) => (on(k) ? 100 * k : k + 0.5)));
  expect([...(outputs[2] ?? [])]).toEqual(
    sequence(n, (k) => (on(k) ? 100 * k : Math.trunc(9.5 - k) + 0)),
  );
  expect([...(outputs[3] ?? [])]).toEqual(sequence(n, (k) => Number(on(k) !== 9.5 - k > 0)));
});

describe('elementary functions', () => {
  const names: readonly MathFunction[] = [
    'exp',
    'expm1',
    'log',
    'log1p',
    'log2',
    'log10',
    'sin',
    'cos',
    'tan',
    'tanh',
    'sigmoid',
  ];
  const arguments_ = [
    ...sequence(400, (k) => (k - 200) / 7),
    ...sequence(300, (k) => (k % 2 ? -1 : 1) * 10 ** (k / 2 - 75)),
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];

  test.each(floats)('of %s are the same bits in vectors as one at a time', (type) => {
    const n = arguments_.length;
    const x = buffer('x', type, n);
    const i = loopOf('i', n);
    const j = loopOf('j', n);
    for (const name of [...names, 'pow' as const]) {
      const [y, z] = [buffer('y', type, n), buffer('z', type, n)];
      const value = (k: typeof i): Expr =>
        name === 'pow'
          ? math('pow', load(x, k), load(x, affineShift(affineScale(affineLoop(k), -1), n - 1)))
          : math(name, load(x, k));
      const { outputs } = runModule(
        {
          main: [parallel(i, store(y, i, value(i))), inOrder(j, store(z, j, value(j)))],
          inputs: [x],
          outputs: [y, z],
        },
        [array(type, arguments_)],
      );
      expect([...(outputs[0] ?? [])], name).toEqual([...(outputs[1] ?? [])]);
    }
  });
});

test('float64 that follows from a float32 sum inside the loop has two lanes', () => {
  const [x, y] = [buffer('x', 'float32', 2), buffer('y', 'float32', 10)];
  const [i, r] = [loopOf('i', 10), loopOf('r', 2)];
  const total = localOf('total', 'float32');
  const { outputs } = runModule(
    {
      main: [
        parallel(
          i,
          { do: 'reduce', combine: 'add', loops: [r], target: total, value: load(x, r) },
          store(y, i, cast('float32', math('exp', cast('float64', read(total))))),
        ),
      ],
      inputs: [x],
      outputs: [y],
    },
    [array('float32', [0.5, 0.25])],
  );
  expect([...(outputs[0] ?? [])]).toEqual(new Array(10).fill(Math.fround(Math.exp(0.75))));
});
