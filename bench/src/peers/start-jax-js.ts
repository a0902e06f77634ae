import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { blockUntilReady, defaultDevice, init, numpy as np, tree } from '@jax-js/jax';
import { type Inputs, need, type Work } from '../suite.ts';

export async function start(): Promise<string> {
  await init('wasm');
  defaultDevice('wasm');
  const file = createRequire(import.meta.url)
    .resolve('@jax-js/jax')
    .replace(/dist.*/, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** An input by name. */
export function given(inputs: Inputs, name: string): np.Array {
  const { data, shape } = need(inputs, name);
  return np.array(data.slice(), { shape: [...shape] });
}

/** Work that waits for each result, and frees the one before. */
export function calling(f: () => np.Array | np.Array[]): Work {
  let result: np.Array[] = [];
  return {
    run: async () => {
      for (const old of result) old.dispose();
      result = tree.leaves(f());
      await blockUntilReady(result);
    },
    output: async () => {
      const parts = await Promise.all(result.map((x) => x.ref.data()));
      return parts.flatMap((part) => [...part]);
    },
  };
}
