import { expect, test } from 'vitest';
import { affineLoop, affineShift } from '../../src/kernel/affine.ts';
import { buffer, load, localOf, loopOf, parallel, read, runModule, store } from './harness.ts';

test.each(['float64', 'float32'] as const)(
  'a vectorized loop over %s reads all that it exchanges before it writes',
  (type) => {
    // Two rows of one buffer change places.
    const n = 9;
    const [x, rows] = [buffer('x', type, 2 * n), buffer('rows', type, 2 * n)];
    const [i, j] = [loopOf('i', 2 * n), loopOf('j', n)];
    const below = affineShift(affineLoop(j), n);
    const [upper, lower] = [localOf('upper', type), localOf('lower', type)];
    const main = [
      parallel(i, store(rows, i, load(x, i))),
      parallel(
        j,
        { do: 'set', local: upper, value: load(rows, j) },
        { do: 'set', local: lower, value: load(rows, below) },
        store(rows, j, read(lower)),
        store(rows, below, read(upper)),
      ),
    ];
    const values = Array.from({ length: 2 * n }, (_, k) => k + 1);
    const given = type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
    const { outputs } = runModule({ main, inputs: [x], outputs: [rows] }, [given]);
    expect([...(outputs[0] ?? [])]).toEqual([...values.slice(n), ...values.slice(0, n)]);
  },
);
