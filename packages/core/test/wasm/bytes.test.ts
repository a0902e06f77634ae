import { describe, expect, test } from 'vitest';
import { Bytes } from '../../src/backends/wasm/encode/bytes.ts';

function counting(count: number, first = 0): Bytes {
  const bytes = new Bytes();
  for (let i = 0; i < count; i++) bytes.u8((first + i) % 251);
  return bytes;
}

describe('a sequence of bytes', () => {
  test.each([0, 1, 63, 64, 65, 1000])('takes over %i bytes of another where it stands', (count) => {
    const bytes = counting(3, 200);
    bytes.append(counting(count));
    bytes.append(counting(2, 100));
    bytes.u8(7);
    const expected = [...counting(3, 200).toArray(), ...counting(count).toArray(), 100, 101, 7];
    expect(bytes.length).toBe(expected.length);
    expect([...bytes.toArray()]).toEqual(expected);
  });

  test('takes over the same bytes as often as they are appended, and what holds them in turn', () => {
    const part = counting(100);
    const inner = new Bytes();
    inner.append(part);
    inner.u8(9);
    inner.append(part);
    const outer = new Bytes();
    outer.sized(inner);
    outer.append(inner);
    const ofPart = [...counting(100).toArray()];
    const ofInner = [...ofPart, 9, ...ofPart];
    // 201 in two bytes, the lower seven bits first.
    expect([...outer.toArray()]).toEqual([0xc9, 0x01, ...ofInner, ...ofInner]);
  });
});
