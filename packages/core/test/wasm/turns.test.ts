import { describe, expect, test } from 'vitest';
import { compileModule } from '../../src/backends/wasm/compile.ts';
import type { Expr, Loop } from '../../src/kernel/expr.ts';
import { binary, cast, compare, constant, math, select } from '../../src/kernel/language.ts';
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
    for (let extent = 4090; extent < 4124; extent++) {
      const data = dataFor(type, extent);
      const inTurns = runModule(moduleFor(type, extent, { readsBack }), [data]);
      const inOrder = runModule(moduleFor(type, extent, { isParallel: false, readsBack }), [data]);
      expect(inTurns.outputs).toEqual(inOrder.outputs);
    }
  });

  test('are printed for one, two and four vectors at once', () => {
    const lanes = type === 'float64' ? 2 : 4;
    const [four = 0, two = 0, one = 0] = [0, 2 * lanes, lanes].map(
      (more) => compileModule(moduleOf(moduleFor(type, 4096 + more, {}))).bytes.length,
    );
    expect(two - one).toBeGreaterThan(500);
    expect(four - two).toBeGreaterThan(1.5 * (two - one));
  });
});
