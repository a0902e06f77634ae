import { type Tensor, tensor } from '@grad/core';
import { type ByteSource, bytesOf, nameOf, type SourceOptions } from './byte-source.ts';
import { FormatError } from './format-error.ts';
import { fromBfloat16, fromFloat16 } from './half-floats.ts';
import { readHeader, type Span } from './safetensors-header.ts';

/** What a safetensors file holds. */
export interface Safetensors {
  /** The tensors by name. */
  readonly tensors: Record<string, Tensor>;
  /** The texts that the file carries beside them. */
  readonly metadata: Record<string, string>;
}

/**
 * Reads a safetensors file (the format of Hugging Face, version 0.x). F64, F32, I32 and BOOL keep
 * their type; F16 and BF16 become float32, which holds them exactly; U8, I8, U16, I16, U32, I64 and
 * U64 become int32.
 *
 * @throws FormatError that names the tensor when the header is not as the format says, tensors
 * overlap or leave gaps, the file is cut short, an element type has no place here, or an integer
 * does not fit into 32 bits.
 */
export async function readSafetensors(
  source: ByteSource,
  options: SourceOptions = {},
): Promise<Safetensors> {
  const name = nameOf('readSafetensors', source, options);
  const bytes = await bytesOf('readSafetensors', source);
  const { spans, metadata, start } = readHeader(name, bytes);
  const tensors = spans.map((span) => [span.name, read(name, bytes, start, span)] as const);
  return { tensors: Object.fromEntries(tensors), metadata };
}

function read(file: string, bytes: Uint8Array, start: number, span: Span): Tensor {
  const { begin, end, shape, dtype, name } = span;
  // A copy, because elements in the file need not be aligned. (A Buffer's own slice would make none.)
  const own = new Uint8Array(bytes.subarray(start + begin, start + end)).buffer;
  const whole = (values: BigInt64Array | BigUint64Array | Uint32Array): Int32Array => {
    const wrong = values.findIndex(
      (value: bigint | number) => value > 0x7fffffff || value < -0x80000000,
    );
    if (wrong >= 0) {
      throw new FormatError(
        { name: file },
        `element ${wrong} of '${name}' (${dtype}) is ${values[wrong]}, which is no int32.`,
      );
    }
    return Int32Array.from(values, Number);
  };
  const elements = (): Tensor => {
    switch (dtype) {
      case 'F64':
        return tensor(new Float64Array(own));
      case 'F32':
        return tensor(new Float32Array(own));
      case 'F16':
        return tensor(Float32Array.from(new Uint16Array(own), fromFloat16));
      case 'BF16':
        return tensor(Float32Array.from(new Uint16Array(own), fromBfloat16));
      case 'I32':
        return tensor(new Int32Array(own));
      case 'BOOL':
        return tensor(new Uint8Array(own), { dtype: 'bool' });
      case 'U8':
        return tensor(Int32Array.from(new Uint8Array(own)));
      case 'I8':
        return tensor(Int32Array.from(new Int8Array(own)));
      case 'U16':
        return tensor(Int32Array.from(new Uint16Array(own)));
      case 'I16':
        return tensor(Int32Array.from(new Int16Array(own)));
      case 'U32':
        return tensor(whole(new Uint32Array(own)));
      case 'I64':
        return tensor(whole(new BigInt64Array(own)));
      case 'U64':
        return tensor(whole(new BigUint64Array(own)));
    }
  };
  return elements().reshape(shape);
}
