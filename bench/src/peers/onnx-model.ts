/** Models of one operation for onnxruntime, in the wire format of protocol buffers. */

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Input, type Inputs, need, type Work } from '../suite.ts';

type Field = readonly [number: number, value: number | string | readonly Field[]];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function encode(fields: readonly Field[]): number[] {
  return fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
    const body = typeof value === 'string' ? [...new TextEncoder().encode(value)] : encode(value);
    return [...varint(number * 8 + 2), ...varint(body.length), ...body];
  });
}

const [float, double] = [1, 11];

function valueInfo(name: string, kind: number, shape: readonly number[] | null): readonly Field[] {
  const extents = shape?.map((extent): Field => [1, [[1, extent]]]);
  const type: readonly Field[] = extents
    ? [
        [1, kind],
        [2, extents],
      ]
    : [[1, kind]];
  return [
    [1, name],
    [2, [[1, type]]],
  ];
}

/** Work of one operation on the named inputs, on one thread. */
export async function operation(
  kind: string,
  inputs: Inputs,
  names: readonly string[],
): Promise<Work> {
  const tensorOf = ({ data, shape }: Input): Tensor => {
    if (data instanceof Float64Array) return new Tensor('float64', data, shape);
    return new Tensor('float32', Float32Array.from(data), shape);
  };
  const typeOf = ({ data }: Input): number => (data instanceof Float64Array ? double : float);
  const given = names.map((name) => need(inputs, name));
  const node: readonly Field[] = [
    ...names.map((name): Field => [1, name]),
    [2, 'result'],
    [4, kind],
  ];
  const [first] = given;
  const graph: readonly Field[] = [
    [1, node],
    [2, 'case'],
    ...given.map((input, i): Field => [11, valueInfo(names[i] ?? '', typeOf(input), input.shape)]),
    [12, valueInfo('result', first ? typeOf(first) : float, null)],
  ];
  const model = Uint8Array.from(
    encode([
      [1, 8],
      [7, graph],
      [8, [[2, 17]]],
    ]),
  );
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const feeds = Object.fromEntries(given.map((input, i) => [names[i] ?? '', tensorOf(input)]));
  let result: InferenceSession.OnnxValueMapType = {};
  return {
    run: async () => {
      result = await session.run(feeds);
    },
    output: () => {
      const data = result['result']?.data;
      if (data instanceof Float32Array || data instanceof Float64Array) return data;
      throw new Error('The model gives no numbers.');
    },
  };
}
