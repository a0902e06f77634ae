import { describe, expect, test } from 'vitest';
import { affineAdd, affineLoop, affineScale } from '../../src/kernel/affine.ts';
import { binary, cast, checkedIndex, compare, constant, select } from '../../src/kernel/scalars.ts';
import { type Kernel, stackDescriptorBytes } from '../../src/kernel/statement.ts';
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

const f64 = (value: number) => constant('float64', value);
const i32 = (value: number) => constant('int32', value);

describe('loops', () => {
  test('an elementwise kernel computes every element', () => {
    const x = buffer('x', 'float64', 5);
    const y = buffer('y', 'float64', 5);
    const i = loopOf('i', 5);
    const kernel: Kernel = {
      name: 'square',
      params: [x, y],
      body: [parallel(i, store(y, i, binary('mul', load(x, i), load(x, i))))],
    };
    const a = buffer('a', 'float64', 5);
    const b = buffer('b', 'float64', 5);
    const { outputs } = runModule(
      {
        kernels: [kernel],
        main: [{ do: 'call', kernel, args: [pointer(a), pointer(b)] }],
        inputs: [a],
        outputs: [b],
      },
      [Float64Array.of(1, 2, 3, 4, 5)],
    );
    expect([...(outputs[0] ?? [])]).toEqual([1, 4, 9, 16, 25]);
  });

  test('nested loops transpose a matrix', () => {
    const x = buffer('x', 'float32', 6);
    const y = buffer('y', 'float32', 6);
    const i = loopOf('i', 3);
    const j = loopOf('j', 2);
    const from = affineAdd(affineScale(affineLoop(j), 3), affineLoop(i));
    const to = affineAdd(affineScale(affineLoop(i), 2), affineLoop(j));
    const { outputs } = runModule(
      { main: [parallel(i, parallel(j, store(y, to, load(x, from))))], inputs: [x], outputs: [y] },
      [Float32Array.of(1, 2, 3, 4, 5, 6)],
    );
    expect([...(outputs[0] ?? [])]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test('a loop of unknown extent runs as often as its count says', () => {
    const n = buffer('n', 'int32', 1);
    const y = buffer('y', 'int32', 1);
    const total = localOf('total', 'int32');
    const i = loopOf('i');
    const count = (value: number) =>
      runModule(
        {
          main: [
            { do: 'set', local: total, value: i32(0) },
            {
              do: 'for',
              loop: i,
              count: load(n, 0),
              parallel: false,
              body: [
                {
                  do: 'set',
                  local: total,
                  value: binary('add', read(total), { op: 'loop', type: 'int32', loop: i }),
                },
              ],
            },
            store(y, 0, read(total)),
          ],
          inputs: [n],
          outputs: [y],
        },
        [Int32Array.of(value)],
      ).outputs[0]?.[0];
    expect([0, 1, 5, -3].map(count)).toEqual([0, 0, 10, 0]);
  });
});

describe('while', () => {
  test('a loop that swaps buffers and calls a kernel ends with the buffers exchanged', () => {
    const x = buffer('x', 'float64', 3);
    const y = buffer('y', 'float64', 3);
    const i = loopOf('i', 3);
    const step: Kernel = {
      name: 'step',
      params: [x, y],
      body: [parallel(i, store(y, i, binary('mul', f64(2), load(x, i))))],
    };
    const start = buffer('start', 'float64', 3);
    const end = buffer('end', 'float64', 3);
    const a = buffer('a', 'float64', 3);
    const b = buffer('b', 'float64', 3);
    const steps = localOf('steps', 'int32');
    const { outputs } = runModule(
      {
        kernels: [step],
        main: [
          { do: 'copy', to: pointer(a), from: pointer(start), bytes: 24 },
          { do: 'set', local: steps, value: i32(0) },
          {
            do: 'while',
            before: [],
            condition: compare('lt', read(steps), i32(5)),
            body: [
              { do: 'call', kernel: step, args: [pointer(a), pointer(b)] },
              { do: 'swap', a, b },
              { do: 'set', local: steps, value: binary('add', read(steps), i32(1)) },
            ],
          },
          { do: 'copy', to: pointer(end), from: pointer(a), bytes: 24 },
        ],
        inputs: [start],
        outputs: [end],
        workspace: [a, b],
      },
      [Float64Array.of(1, 2, 3)],
    );
    expect([...(outputs[0] ?? [])]).toEqual([32, 64, 96]);
  });
});

describe('stacks', () => {
  test('100000 pushed elements are read back from a stack that grows', () => {
    const stack = buffer('stack', 'int32', stackDescriptorBytes / 4);
    const item = buffer('item', 'float64', 1);
    const sum = buffer('sum', 'float64', 1);
    const size = buffer('size', 'int32', 1);
    const i = loopOf('i', 100_000);
    const j = loopOf('j', 100_000);
    const index = (loop: typeof i) => ({ op: 'loop', type: 'int32', loop }) as const;
    const total = localOf('total', 'float64');
    const length = localOf('length', 'int32');
    const slot = (loop: typeof i, grow: boolean) =>
      ({ kind: 'slot', stack: pointer(stack), index: index(loop), bytes: 8, grow }) as const;
    const { outputs } = runModule(
      {
        main: [
          { do: 'zero', at: pointer(stack), bytes: stackDescriptorBytes },
          inOrder(i, store(item, 0, cast('float64', index(i))), {
            do: 'copy',
            to: slot(i, true),
            from: pointer(item),
            bytes: 8,
          }),
          { do: 'set', local: total, value: f64(0) },
          inOrder(
            j,
            { do: 'copy', to: pointer(item), from: slot(j, false), bytes: 8 },
            { do: 'set', local: total, value: binary('add', read(total), load(item, 0)) },
          ),
          store(sum, 0, read(total)),
          { do: 'length', stack: pointer(stack), target: length },
          store(size, 0, read(length)),
        ],
        outputs: [sum, size],
        workspace: [stack, item],
      },
      [],
    );
    expect(outputs.map((data) => data[0])).toEqual([(99_999 * 100_000) / 2, 100_000]);
  });
});

describe('failures', () => {
  test('an index out of range is recorded, and leaves the call at once', () => {
    const x = buffer('x', 'float64', 3);
    const at = buffer('at', 'int32', 4);
    const y = buffer('y', 'float64', 4);
    const i = loopOf('i', 4);
    const { outputs, status } = runModule(
      {
        main: [
          { do: 'zero', at: pointer(y), bytes: 32 },
          inOrder(i, store(y, i, load(x, checkedIndex(load(at, i), 3, 7)))),
          store(y, 3, constant('float64', 1)),
        ],
        inputs: [x, at],
        outputs: [y],
      },
      [Float64Array.of(10, 20, 30), Int32Array.of(2, 3, -1, 1)],
    );
    expect(status).toEqual({ kind: 1, site: 7, index: 3 });
    expect([...(outputs[0] ?? [])]).toEqual([30, 0, 0, 0]);
  });

  test('a failure leaves the call at once', () => {
    const y = buffer('y', 'int32', 1);
    const { outputs, status } = runModule(
      {
        main: [store(y, 0, i32(1)), { do: 'fail', site: 3, detail: i32(41) }, store(y, 0, i32(2))],
        outputs: [y],
      },
      [],
    );
    expect(status).toEqual({ kind: 1, site: 3, index: 41 });
    expect(outputs[0]?.[0]).toBe(1);
  });
});

test('select takes one of two values by a mask stored as bytes', () => {
  const mask = buffer('mask', 'bool', 3);
  const y = buffer('y', 'float64', 3);
  const i = loopOf('i', 3);
  const { outputs } = runModule(
    {
      main: [parallel(i, store(y, i, select(load(mask, i), f64(1), f64(-1))))],
      inputs: [mask],
      outputs: [y],
    },
    [Uint8Array.of(1, 0, 1)],
  );
  expect([...(outputs[0] ?? [])]).toEqual([1, -1, 1]);
});
