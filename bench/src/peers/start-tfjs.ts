import * as tf from '@tensorflow/tfjs';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { type Inputs, need, type Work } from '../suite.ts';

export async function start(name: 'tfjs-wasm' | 'tfjs-cpu'): Promise<string> {
  if (name === 'tfjs-wasm') setThreadsCount(1);
  await tf.setBackend(name === 'tfjs-wasm' ? 'wasm' : 'cpu');
  await tf.ready();
  return tf.version.tfjs;
}

/** An input by name; the library has single precision only. */
export function given(inputs: Inputs, name: string): tf.Tensor {
  const { data, shape } = need(inputs, name);
  const dtype = data instanceof Int32Array ? 'int32' : 'float32';
  return tf.tensor(
    data instanceof Float64Array ? Float32Array.from(data) : data,
    [...shape],
    dtype,
  );
}

/** Work inside a tidy, which keeps the last result; sides in double precision are left out. */
export function calling(f: () => tf.Tensor | tf.Tensor[]): Work {
  let result: tf.Tensor[] = [];
  return {
    run: () => {
      for (const old of result) old.dispose();
      result = [tf.tidy(f)].flat();
    },
    output: () => result.flatMap((x) => [...x.dataSync()]),
  };
}
