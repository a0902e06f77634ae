import { describe, expect, test } from 'vitest';
import { affineAdd, affineLoop, affineScale } from '../../src/kernel/affine.ts';
import type { Expr } from '../../src/kernel/expr.ts';
import { binary, cast, constant } from '../../src/kernel/scalars.ts';
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
  runInPieces,
  runModule,
  store,
  type TestModule,
} from './harness.ts';

describe('long loops of kernels, which run in several calls', () => {
  test.each([100_003, 65_536, 32_769])('compute each of %i elements once', (n) => {
    const [x, y] = [buffer('x', 'float32', n), buffer('y', 'float32', n)];
    const i = loopOf('i', n);
    const value = binary('add', load(y, i), binary('mul', load(x, i), constant('float32', 2)));
    const kernel: Kernel = {
      name: 'update',
      params: [x, y],
      body: [parallel(i, store(y, i, value))],
    };
    const [a, b] = [buffer('a', 'float32', n), buffer('b', 'float32', n)];
    const { outputs } = runModule(
      {
        kernels: [kernel],
        main: [
          { do: 'zero', at: pointer(b), bytes: 4 * n },
          { do: 'call', kernel, args: [pointer(a), pointer(b)] },
        ],
        inputs: [a],
        outputs: [b],
      },
      [Float32Array.from({ length: n }, (_, k) => k % 1000)],
    );
    expect(outputs[0]?.every((value, k) => value === 2 * (k % 1000))).toBe(true);
  });

  test('compute rows and columns, reductions inside, and updates in order', () => {
    const [rows, columns] = [301, 203];
    const n = rows * columns;
    const [x, y, z] = [
      buffer('x', 'float64', n),
      buffer('y', 'float64', columns),
      buffer('z', 'float64', 1),
    ];
    const [r, c, k] = [loopOf('r', rows), loopOf('c', columns), loopOf('k', n)];
    const at = affineAdd(affineScale(affineLoop(r), columns), affineLoop(c));
    const total = localOf('total', 'float64');
    const index = (loop: typeof r): Expr => ({ op: 'loop', type: 'int32', loop });
    const kernel: Kernel = {
      name: 'all',
      params: [x, y, z],
      body: [
        parallel(r, parallel(c, store(x, at, cast('float64', binary('add', index(r), index(c)))))),
        parallel(
          c,
          { do: 'reduce', combine: 'add', loops: [r], value: load(x, at), target: total },
          store(y, c, read(total)),
        ),
        store(z, 0, constant('float64', 0)),
        inOrder(k, store(z, 0, binary('add', load(z, 0), load(x, k)))),
      ],
    };
    const outs = [
      buffer('a', 'float64', n),
      buffer('b', 'float64', columns),
      buffer('d', 'float64', 1),
    ];
    const module: TestModule = {
      kernels: [kernel],
      main: [{ do: 'call', kernel, args: outs.map((out) => pointer(out)) }],
      outputs: outs,
    };
    const { outputs } = runModule(module, []);
    const pieces = runInPieces(module, []);
    expect(pieces.outputs).toEqual(outputs);
    expect(pieces.visits).toBeGreaterThan(20);
    expect(outputs[0]?.every((v, i) => v === Math.floor(i / columns) + (i % columns))).toBe(true);
    const rowSum = (rows * (rows - 1)) / 2;
    expect([...(outputs[1] ?? [])]).toEqual(
      Array.from({ length: columns }, (_, j) => rowSum + rows * j),
    );
    expect(outputs[2]?.[0]).toBe(columns * rowSum + (rows * columns * (columns - 1)) / 2);
  });
});
