import { expect, test } from 'vitest';
import { checkMisuse } from './misuse.ts';

// Which calls: see `misuse-calls.ts`. The runner goes on from here: `npm run fuzz -- --mode misuse`.
test('one wrong argument makes a public function throw an error that names it', () => {
  const complaints = new Set<string>();
  let refused = 0;
  for (let seed = 0; seed < 8000; seed++) {
    const { verdicts, failures } = checkMisuse(seed);
    for (const { message } of failures) complaints.add(message);
    if (Object.values(verdicts).includes('holds')) refused += 1;
  }
  expect([...complaints]).toEqual([]);
  expect(refused).toBeGreaterThan(6000);
});
