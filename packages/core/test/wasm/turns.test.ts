import { describe, expect, test } from 'vitest';
import { compileModule } from '../../src/backends/wasm/compile.ts';
import type { Expr, Loop } from '../../src/kernel/expr.ts';
import {
  binary,
  cast,
  checkedIndex,
  compare,
  constant,
  math,
  select,
} from '../../src/kernel/language.ts';
import type { Statement } from '../../src/kernel/statement.ts';
import {
  buffer,
  inOrder,
  load,
  localOf,
  loopOf,
  moduleOf,
  parallel,
  read,
  runModule,
  store,
} from './harness.ts';

const floats = ['float64', 'float32'] as const;

/** What a body without loops may do: set locals, update in place, and read back what it has stored. */
function moduleFor(
  type: 'float64' | 'float32',
  extent: number,
  { isParallel = true, readsBack = false },
) {
  const loop = loopOf('i', extent);
  const [x, y] = [buffer('x', type, extent), buffer('y', type, extent)];
  const [wave, place] = [localOf('wave', type), localOf('place', type)];
  const position: Expr = { op: 'loop', type: 'int32', loop };
  const sum = binary('add', read(wave), binary('mul', load(x, loop), read(place)));
  const body: Statement[] = [
    { do: 'set', local: wave, value: math('exp', math('sin', load(x, loop))) },
    { do: 'set', local: place, value: cast(type, position) },
    store(y, loop, select(compare('lt', load(x, loop), constant(type, 0)), sum, read(wave))),
    {
      do: 'set',
      local: wave,
      value: binary('sub', readsBack ? load(y, loop) : sum, load(x, loop)),
    },
    store(x, loop, binary('mul', read(wave), math('log', read(wave)))),
  ];
  const around = (of: Loop): Statement =>
    isParallel ? parallel(of, ...body) : inOrder(of, ...body);
  const copied = loopOf('j', extent);
  const from = buffer('from', type, extent);
  return {
    main: [parallel(copied, store(x, copied, load(from, copied))), around(loop)],
    inputs: [from],
    outputs: [x, y],
  };
}

function dataFor(type: 'float64' | 'float32', extent: number) {
  const data = new (type === 'float64' ? Float64Array : Float32Array)(extent);
  return data.map((_, k) => ((k * 37) % 101) / 7 - 7);
}

describe.each(floats)('long loops over %s', (type) => {
  test.each([false, true])('have the same bits in vectors as in order (%s)', (readsBack) => {
    // In turns of one, two and four vectors, with all that may be left.
    const extents = [40, 80, 1000].flatMap((least) =>
      Array.from({ length: 17 }, (_, i) => least + i),
    );
    for (const extent of extents) {
      const data = dataFor(type, extent);
      const inTurns = runModule(moduleFor(type, extent, { readsBack }), [data]);
      const inOrder = runModule(moduleFor(type, extent, { isParallel: false, readsBack }), [data]);
      expect(inTurns.outputs).toEqual(inOrder.outputs);
    }
  });

  test('are printed for one, two and four vectors at once', () => {
    const [four = 0, two = 0, one = 0] = [512, 64, 32].map(
      (extent) => compileModule(moduleOf(moduleFor(type, extent, {}))).bytes.length,
    );
    expect(two - one).toBeGreaterThan(500);
    expect(four - two).toBeGreaterThan(1.5 * (two - one));
  });
});

test('of indices out of range, the first is told, however deep in its value', () => {
  const n = 4096;
  const i = loopOf('i', n);
  const [x, y, z] = [
    buffer('x', 'float64', n),
    buffer('y', 'float64', n),
    buffer('z', 'float64', n),
  ];
  const at = buffer('at', 'int32', n);
  const waves = math('exp', math('sin', math('exp', load(x, i))));
  const beyond = cast('int32', binary('add', waves, constant('float64', 5000)));
  const outputs = [y, z];
  const { status } = runModule(
    {
      main: [
        parallel(
          i,
          store(y, i, load(x, checkedIndex(beyond, n, 1))),
          store(z, i, math('exp', load(x, checkedIndex(load(at, i), n, 2)))),
        ),
      ],
      inputs: [x, at],
      outputs,
    },
    [new Float64Array(n), Int32Array.from({ length: n }, (_, k) => (k < 2 ? k : -k))],
  );
  expect(status).toEqual({ kind: 1, site: 1, index: 5002 });
});
