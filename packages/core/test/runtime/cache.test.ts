import { expect, test } from 'vitest';
import { Cache } from '../../src/program/cache.ts';

test('a full cache forgets what was used least recently, whatever was used since', () => {
  const limit = 5;
  const cache = new Cache<string>(limit);
  let recent: string[] = [];
  for (let i = 0; i < 400; i++) {
    const key = `${(i * i + 3 * i) % 17}`;
    let made = false;
    const value = cache.get(key, () => {
      made = true;
      return `value ${key}`;
    });
    expect(value).toBe(`value ${key}`);
    expect(made).toBe(!recent.includes(key));
    recent = [...recent.filter((each) => each !== key), key].slice(-limit);
  }
  expect(cache.size).toBe(limit);
});
