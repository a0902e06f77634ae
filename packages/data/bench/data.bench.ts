import { random } from '@grad/core';
import { drawnDigits, minibatches } from '@grad/data';
import { expect, test } from 'vitest';

test('a thousand drawn digits, and an epoch of their batches', async ({ bench }) => {
  const digits = drawnDigits(random.key(0), 1000);
  const batches = minibatches(digits, { size: 64, key: random.key(1) });
  expect(batches.perEpoch).toBe(16);
  await bench.compare(
    bench('drawing', () => void drawnDigits(random.key(0), 1000)),
    bench('batches', () => void [...batches(0)]),
  );
});
