import { describe, expect, test } from 'vitest';
import { compileModule } from '../../src/backends/wasm/compile.ts';
import { instantiateModule } from '../../src/backends/wasm/instantiate.ts';
import { RealmMemory } from '../../src/backends/wasm/memory.ts';
import { affineConst } from '../../src/kernel/affine.ts';
import type { Expr } from '../../src/kernel/expr.ts';
import { binary, compare, constant } from '../../src/kernel/scalars.ts';
import { type Kernel, type Pointer, stackDescriptorBytes } from '../../src/kernel/statement.ts';
import {
  buffer,
  inOrder,
  load,
  localOf,
  loopOf,
  moduleOf,
  parallel,
  pointer,
  read,
  runModule,
  store,
} from './harness.ts';

const i32 = (value: number): Expr => constant('int32', value);

test('a module of a thousand kernels compiles and runs', () => {
  const kernels = Array.from({ length: 1000 }, (_, k): Kernel => {
    const x = buffer('x', 'float64', 10);
    const i = loopOf('i', 10);
    const value = binary('add', load(x, i), constant('float64', k));
    return { name: `add${k}`, params: [x], body: [parallel(i, store(x, i, value))] };
  });
  const y = buffer('y', 'float64', 10);
  const { outputs } = runModule(
    {
      kernels,
      main: [
        { do: 'zero', at: pointer(y), bytes: 80 },
        ...kernels.map((kernel) => ({ do: 'call', kernel, args: [pointer(y)] }) as const),
      ],
      outputs: [y],
    },
    [],
  );
  expect([...(outputs[0] ?? [])]).toEqual(new Array(10).fill(499_500));
});

test('a kernel of a thousand expressions that all share parts compiles to linear code', () => {
  const x = buffer('x', 'float64', 4);
  const y = buffer('y', 'float64', 4);
  const i = loopOf('i', 4);
  let value = load(x, i);
  for (let k = 0; k < 1000; k++)
    value = binary(k % 2 ? 'sub' : 'add', value, binary('mul', value, constant('float64', 0.5)));
  const module = moduleOf({ main: [parallel(i, store(y, i, value))], inputs: [x], outputs: [y] });
  expect(compileModule(module).bytes.length).toBeLessThan(200_000);
});

test('an expression deeper than the stack of calls compiles', () => {
  const [x, y] = [buffer('x', 'float64', 3), buffer('y', 'float64', 3)];
  const i = loopOf('i', 3);
  let value = load(x, i);
  for (let k = 0; k < 20_000; k++)
    value = binary('add', value, constant('float64', k % 2 ? -1 : 1));
  const { outputs } = runModule(
    { main: [parallel(i, store(y, i, value))], inputs: [x], outputs: [y] },
    [Float64Array.of(1, 2, 3)],
  );
  expect([...(outputs[0] ?? [])]).toEqual([1, 2, 3]);
});

describe('drivers', () => {
  test('nested loops in order pass their variables to the bodies inside', () => {
    const y = buffer('y', 'int32', 6);
    const [i, j] = [loopOf('i', 2), loopOf('j', 3)];
    const cell = buffer('cell', 'int32', 1);
    const put: Kernel = {
      name: 'put',
      params: [cell],
      body: [store(cell, 0, binary('add', load(cell, 0), i32(1)))],
    };
    const place: Pointer = {
      kind: 'buffer',
      buffer: y,
      offset: {
        base: 0,
        terms: [
          { coefficient: 3, factor: { op: 'loop', type: 'int32', loop: i } },
          { coefficient: 1, factor: { op: 'loop', type: 'int32', loop: j } },
        ],
      },
    };
    const { outputs } = runModule(
      {
        kernels: [put],
        main: [
          { do: 'zero', at: pointer(y), bytes: 24 },
          inOrder(i, inOrder(j, { do: 'call', kernel: put, args: [place] }), {
            do: 'call',
            kernel: put,
            args: [pointer(y, 5)],
          }),
        ],
        outputs: [y],
      },
      [],
    );
    expect([...(outputs[0] ?? [])]).toEqual([1, 1, 1, 1, 1, 3]);
  });

  test('locals are shared between a loop, its body and what comes after', () => {
    const y = buffer('y', 'float64', 2);
    const one = buffer('one', 'float64', 1);
    const noop: Kernel = { name: 'noop', params: [one], body: [] };
    const [steps, sum, on] = [
      localOf('steps', 'int32'),
      localOf('sum', 'float64'),
      localOf('on', 'bool'),
    ];
    const { outputs } = runModule(
      {
        kernels: [noop],
        main: [
          { do: 'set', local: steps, value: i32(0) },
          { do: 'set', local: sum, value: constant('float64', 0.5) },
          { do: 'set', local: on, value: constant('bool', 1) },
          {
            do: 'while',
            before: [{ do: 'set', local: on, value: compare('lt', read(steps), i32(7)) }],
            condition: read(on),
            body: [
              { do: 'call', kernel: noop, args: [pointer(one)] },
              { do: 'set', local: steps, value: binary('add', read(steps), i32(1)) },
              { do: 'set', local: sum, value: binary('add', read(sum), read(sum)) },
            ],
          },
          store(y, 0, read(sum)),
          {
            do: 'if',
            condition: read(on),
            // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
            then: [store(y, 1, constant('float64', -1))],
            else: [store(y, 1, constant('float64', 1))],
          },
        ],
        outputs: [y],
        workspace: [one],
      },
      [],
    );
    expect([...(outputs[0] ?? [])]).toEqual([64, 1]);
  });

  test('a swap before and inside a loop is seen by everything after it', () => {
    const [x, y] = [buffer('x', 'float64', 1), buffer('y', 'float64', 1)];
    const [a, b] = [buffer('a', 'float64', 1), buffer('b', 'float64', 1)];
    const i = loopOf('i', 3);
    const { outputs } = runModule(
      {
        main: [
          store(a, 0, constant('float64', 1)),
          store(b, 0, constant('float64', 2)),
          { do: 'swap', a, b },
          inOrder(i, store(a, 0, binary('mul', load(a, 0), constant('float64', 10))), {
            do: 'swap',
            a,
            b,
          }),
          store(x, 0, load(a, 0)),
          store(y, 0, load(b, 0)),
        ],
        outputs: [x, y],
        workspace: [a, b],
      },
      [],
    );
    expect(outputs.map((data) => data[0])).toEqual([10, 200]);
  });
});

describe('failures in the middle', () => {
  test('a failure inside a kernel inside a loop leaves the whole call, and the next call works', () => {
    const n = buffer('n', 'int32', 1);
    const y = buffer('y', 'int32', 1);
    const count = buffer('count', 'int32', 1);
    const limit = buffer('limit', 'int32', 1);
    const bump: Kernel = {
      name: 'bump',
      params: [count, limit],
      body: [
        {
          do: 'if',
          condition: compare('ge', load(count, 0), load(limit, 0)),
          // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
          then: [{ do: 'fail', site: 2, detail: load(count, 0) }],
          else: [],
        },
        store(count, 0, binary('add', load(count, 0), i32(1))),
      ],
    };
    const i = loopOf('i', 10);
    const module = {
      kernels: [bump],
      main: [
        { do: 'zero', at: pointer(y), bytes: 4 } as const,
        inOrder(i, { do: 'call', kernel: bump, args: [pointer(y), pointer(n)] }),
      ],
      inputs: [n],
      outputs: [y],
    };
    const realm = new RealmMemory();
    const failed = runModule(module, [Int32Array.of(4)], realm);
    expect(failed.status).toEqual({ kind: 1, site: 2, index: 4 });
    expect(failed.outputs[0]?.[0]).toBe(4);
    const fine = runModule(module, [Int32Array.of(40)], realm);
    expect(fine.status.kind).toBe(0);
    expect(fine.outputs[0]?.[0]).toBe(10);
  });

  test('a stack that outgrows memory ends the call with a status, and memory stays usable', () => {
    const realm = new RealmMemory({ maximumPages: 8 });
    const stack = buffer('stack', 'int32', stackDescriptorBytes / 4);
    const item = buffer('item', 'float64', 128);
    const i = loopOf('i', 100_000);
    const module = moduleOf({
      main: [
        { do: 'zero', at: pointer(stack), bytes: stackDescriptorBytes },
        inOrder(i, {
          do: 'copy',
          to: {
            kind: 'slot',
            stack: pointer(stack),
            index: { op: 'loop', type: 'int32', loop: i },
            bytes: 1024,
            grow: true,
          },
          from: pointer(item),
          bytes: 1024,
        }),
      ],
      workspace: [stack, item],
    });
    const compiled = compileModule(module);
    const run = instantiateModule(compiled, { realm });
    const base = realm.allocate(compiled.layout.bytes);
    new Uint8Array(realm.memory.buffer, base, compiled.layout.bytes).fill(0);
    const stacks: number[] = [];
    realm.enter(stacks);
    run(base);
    realm.leave();
    expect(new Int32Array(realm.memory.buffer, base, 1)[0]).toBe(2);
    for (const address of stacks) realm.free(address);
    expect(() => realm.allocate(1024)).not.toThrow();
  });
});

describe('stacks', () => {
  const loopIndex = (loop: ReturnType<typeof loopOf>): Expr => ({
    op: 'loop',
    type: 'int32',
    loop,
  });

  test('of stacks hold rows of different lengths', () => {
    const outer = buffer('outer', 'int32', stackDescriptorBytes / 4);
    const item = buffer('item', 'int32', 1);
    const [sum, size] = [buffer('sum', 'int32', 50), buffer('size', 'int32', 50)];
    const [i, j, k, l] = [loopOf('i', 50), loopOf('j'), loopOf('k', 50), loopOf('l')];
    const row = (loop: typeof i, grow: boolean): Pointer => ({
      kind: 'slot',
      stack: pointer(outer),
      index: loopIndex(loop),
      bytes: stackDescriptorBytes,
      grow,
    });
    const cell = (inRow: Pointer, loop: typeof i, grow: boolean): Pointer => ({
      kind: 'slot',
      stack: inRow,
      index: loopIndex(loop),
      bytes: 4,
      grow,
    });
    const [total, length] = [localOf('total', 'int32'), localOf('length', 'int32')];
    const { outputs } = runModule(
      {
        main: [
          { do: 'zero', at: pointer(outer), bytes: stackDescriptorBytes },
          inOrder(i, {
            do: 'for',
            loop: j,
            count: loopIndex(i),
            parallel: false,
            body: [
              store(item, 0, binary('add', loopIndex(i), loopIndex(j))),
              { do: 'copy', to: cell(row(i, true), j, true), from: pointer(item), bytes: 4 },
            ],
          }),
          inOrder(
            k,
            { do: 'length', stack: row(k, true), target: length },
            { do: 'set', local: total, value: i32(0) },
            {
              do: 'for',
              loop: l,
              count: read(length),
              parallel: false,
              body: [
                { do: 'copy', to: pointer(item), from: cell(row(k, false), l, false), bytes: 4 },
                { do: 'set', local: total, value: binary('add', read(total), load(item, 0)) },
              ],
            },
            store(sum, k, read(total)),
            store(size, k, read(length)),
          ),
        ],
        outputs: [sum, size],
        workspace: [outer, item],
      },
      [],
    );
    expect([...(outputs[1] ?? [])]).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect([...(outputs[0] ?? [])]).toEqual(
      Array.from({ length: 50 }, (_, n) => n * n + (n * (n - 1)) / 2),
    );
  });

  test('keep the addresses of their elements while they grow', () => {
    const stack = buffer('stack', 'int32', stackDescriptorBytes / 4);
    const first = buffer('first', 'float64', 1);
    const y = buffer('y', 'float64', 1);
    const i = loopOf('i', 5000);
    const set: Kernel = {
      name: 'set',
      params: [first],
      body: [store(first, 0, constant('float64', 3))],
    };
    const slot = (index: Expr, grow: boolean): Pointer => ({
      kind: 'slot',
      stack: pointer(stack),
      index,
      bytes: 8,
      grow,
    });
    const { outputs } = runModule(
      {
        kernels: [set],
        main: [
          { do: 'zero', at: pointer(stack), bytes: stackDescriptorBytes },
          { do: 'call', kernel: set, args: [slot(i32(0), true)] },
          inOrder(i, { do: 'zero', at: slot(binary('add', loopIndex(i), i32(1)), true), bytes: 8 }),
          { do: 'copy', to: pointer(y), from: slot(i32(0), false), bytes: 8 },
        ],
        outputs: [y],
        workspace: [stack],
      },
      [],
    );
    expect(outputs[0]?.[0]).toBe(3);
  });
});

test('a kernel that uses a buffer it was not given is refused', () => {
  const [x, y] = [buffer('x', 'float64', 1), buffer('y', 'float64', 1)];
  const kernel: Kernel = { name: 'stray', params: [x], body: [store(y, 0, load(x, 0))] };
  const compile = () => compileModule(moduleOf({ kernels: [kernel], main: [] }));
  expect(compile).toThrow('Kernel stray uses buffer y, which is no parameter.');
  expect(() => compileModule(moduleOf({ main: [store(x, affineConst(0), i32(0))] }))).toThrow(
    'Buffer x is no input, output or part of the workspace.',
  );
});
