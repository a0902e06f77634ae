import { random, type Tensor, tensor, tree, zeros } from '@grad/core';
import { readSafetensors, restoreTree, writeSafetensors } from '@grad/data';
import { expect, test } from 'vitest';

/** A file of a header, as it is said to be, and bytes. */
function file(
  header: unknown,
  data: ArrayLike<number> = [],
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(Array.from(data), 8 + text.length);
  return bytes;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test('all dtypes come back as they were, at aligned places', async () => {
  const given = {
    b: tensor([true, false, true]),
    i: tensor(Int32Array.of(-(2 ** 31), 7)),
    deep: [{ s: random.normal(random.key(0), [2, 3], { dtype: 'float32' }) }, tensor(Math.PI)],
    none: zeros([0, 4]),
    activation: 'relu',
  };
  const bytes = writeSafetensors(given, { metadata: { made: 'here' } });
  expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  const { tensors, metadata } = await readSafetensors(bytes);
  expect(metadata).toEqual({ made: 'here' });
  expect(Object.keys(tensors).sort()).toEqual(['b', 'deep.0.s', 'deep.1', 'i', 'none']);
  const again = restoreTree(given, tensors);
  expect(again.activation).toBe('relu');
  const parts = (leaves: Tensor[]) => leaves.map((t) => [t.dtype, t.shape, t.dataSync()]);
  expect(parts(tree.leaves(again))).toEqual(parts(tree.leaves(given)));
});

// The values of the half floats agree with numpy's.
test.for([
  [
    'F16',
    Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0x03ff, 0x8000, 0x7c00),
    'float32',
    [1, -2, 65_504, 2 ** -24, 0.333251953125, 1023 * 2 ** -24, -0, Infinity],
  ],
  ['BF16', Uint16Array.of(0x3f80, 0xc049, 0xff80), 'float32', [1, -3.140625, -Infinity]],
  ['U8', Uint8Array.of(0, 255), 'int32', [0, 255]],
  ['I8', Int8Array.of(-128, 127), 'int32', [-128, 127]],
  ['U16', Uint16Array.of(65_535), 'int32', [65_535]],
  ['I16', Int16Array.of(-32_768), 'int32', [-32_768]],
  ['U32', Uint32Array.of(2_147_483_647), 'int32', [2_147_483_647]],
  ['I64', BigInt64Array.of(-2_147_483_648n, 5n), 'int32', [-2_147_483_648, 5]],
  ['U64', BigUint64Array.of(5n), 'int32', [5]],
  ['F64', Float64Array.of(0.1), 'float64', [0.1]],
] as const)('%s is read', async ([dtype, data, as, values]) => {
  const shape = [data.length];
  const header = { x: { dtype, shape, data_offsets: [0, data.byteLength] } };
  const { x } = (await readSafetensors(file(header, bytesOf(data)))).tensors;
  expect([x?.dtype, x?.toArray()]).toEqual([as, values]);
});

test('NaN of 16 bits stays NaN', async () => {
  const header = {
    a: { dtype: 'F16', shape: [], data_offsets: [0, 2] },
    b: { dtype: 'BF16', shape: [], data_offsets: [2, 4] },
  };
  const { tensors } = await readSafetensors(file(header, bytesOf(Uint16Array.of(0x7e00, 0x7fc0))));
  expect([tensors['a']?.item(), tensors['b']?.item()]).toEqual([Number.NaN, Number.NaN]);
});

test.for([
  ['U32', Uint32Array.of(1, 2 ** 31), "element 1 of 'x' (U32) is 2147483648, which is no int32"],
  ['I64', BigInt64Array.of(-(2n ** 31n) - 1n), 'is -2147483649, which is no int32'],
  ['U64', BigUint64Array.of(2n ** 63n), 'is 9223372036854775808, which is no int32'],
] as const)(
  'an integer of type %s that does not fit is refused',
  async ([dtype, data, message]) => {
    const header = { x: { dtype, shape: [data.length], data_offsets: [0, data.byteLength] } };
    await expect(readSafetensors(file(header, bytesOf(data)))).rejects.toThrow(message);
  },
);

const one = (begin: number, end: number) => ({
  dtype: 'U8',
  shape: [end - begin],
  data_offsets: [begin, end],
});

test.for([
  ['fewer than 8 bytes', Uint8Array.of(1, 2), /byte 2: the file ends within its first 8 bytes/],
  ['a header over the limit', file('{}', [], 100_000_001n), /byte 0: a header of 100000001 bytes/],
  ['a header beyond the end', file('{}', [], 64n), /byte 10: .*header, which ends at byte 72/],
  ['a header that is no object', file('[]'), /byte 8: the header does not begin with '{'/],
  ['a header that is no JSON', file('{x}'), /byte 8: the header is not JSON/],
  [
    'an unknown dtype',
    file({ x: { dtype: 'F8_E4M3', shape: [], data_offsets: [0, 1] } }, [0]),
    /'x' in the header has the dtype "F8_E4M3"; those/,
  ],
  [
    'a negative size',
    file({ x: { dtype: 'U8', shape: [-1], data_offsets: [0, 1] } }, [0]),
    /has the shape \[-1\]/,
  ],
  [
    'offsets out of order',
    file({ x: { dtype: 'U8', shape: [1], data_offsets: [1, 0] } }, [0]),
    /has the data_offsets \[1,0\]/,
  ],
  [
    'a size that does not fit',
    file({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
    /has 4 bytes; F32 \[2\] needs 8/,
  ],
  ['an entry that is no object', file({ x: 3 }), /'x' in the header is no object/],
  [
    'overlap',
    file({ a: one(0, 4), b: one(2, 6) }, [0, 0, 0, 0, 0, 0]),
    /'b' overlaps the tensor before it/,
  ],
  ['a gap', file({ a: one(0, 1), b: one(2, 3) }, [0, 0, 0]), /'b' leaves a gap before it/],
  ['missing data', file({ a: one(0, 4) }, [0, 0]), /the file ends here; its tensors end at byte/],
  [
    'data to spare',
    file({ a: one(0, 1) }, [0, 0, 0]),
    /the tensors end here, but 2 more bytes follow/,
  ],
  [
    'metadata of numbers',
    file({ __metadata__: { a: 1 } }),
    /__metadata__ in the header must be an object of texts/,
  ],
] as const)('%s: an error says so', async ([, bytes, message]) => {
  await expect(readSafetensors(bytes, { name: 'm.safetensors' })).rejects.toThrow(message);
  await expect(readSafetensors(bytes, { name: 'm.safetensors' })).rejects.toThrow(
    /^m\.safetensors/,
  );
});

test('a name that JavaScript gives a meaning is a name like any other', async () => {
  const header = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
  const { tensors } = await readSafetensors(file(header, [7]));
  expect(Object.keys(tensors)).toEqual(['__proto__']);
});

test('names that meet, and tensors without a name, are refused', () => {
  const x = zeros([1]);
  expect(() => writeSafetensors({ 'a.b': x, a: { b: x } })).toThrow(
    "writeSafetensors: two tensors have the name 'a.b'.",
  );
  expect(() => writeSafetensors(x)).toThrow('writeSafetensors: tensors need names');
  expect(() => writeSafetensors({ __metadata__: x })).toThrow("none may be '__metadata__'");
});

test('a tree is restored only with tensors of its own names, shapes and dtypes', () => {
  const like = { w: zeros([2]) };
  expect(() => restoreTree(like, { v: zeros([2]) })).toThrow(
    "restoreTree: there is no tensor 'w'; there are v.",
  );
  expect(() => restoreTree(like, { w: zeros([3]) })).toThrow(
    "restoreTree: 'w' is float64 [3]; the tree has float64 [2] there.",
  );
  expect(() => restoreTree(like, { w: zeros([2], { dtype: 'float32' }) })).toThrow(
    "restoreTree: 'w' is float32 [2]",
  );
});
