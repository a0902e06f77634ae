import type { DType } from '@grad/core';
import type { ItemType } from './safetensors-header.ts';
import { namedTensors } from './tree-paths.ts';

const written: { readonly [D in DType]: ItemType } = {
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  bool: 'BOOL',
};

/** Options of `writeSafetensors`. */
export interface WriteSafetensorsOptions {
  /** Texts to carry beside the tensors. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The safetensors file of a tree of tensors, such as the parameters of a model. The names are the
 * ways to them, `layers.0.weight`; `restoreTree` puts what was read back into the tree. Texts,
 * functions and other static parts of the tree are left out.
 *
 * @throws TypeError when two tensors would have the same name, or one is named `__metadata__`.
 */
export function writeSafetensors(
  tensors: unknown,
  { metadata }: WriteSafetensorsOptions = {},
): Uint8Array {
  const named = namedTensors('writeSafetensors', tensors);
  if (named.some(({ name }) => name === '__metadata__' || name === '')) {
    throw new TypeError(
      "writeSafetensors: tensors need names, and none may be '__metadata__'; pass an object, {name: tensor}.",
    );
  }
  const parts = named.map(({ name, tensor }) => ({
    name,
    dtype: written[tensor.dtype],
    shape: tensor.shape,
    data: tensor.dataSync(),
  }));
  // The largest elements first, so that each stands where its size divides the place.
  parts.sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  const entries = parts.map(({ name, dtype, shape, data }) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const header = new TextEncoder().encode(
    JSON.stringify({ ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) }),
  );
  const start = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(header, 8);
  let next = start;
  for (const { data } of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), next);
    next += data.byteLength;
  }
  return bytes;
}
