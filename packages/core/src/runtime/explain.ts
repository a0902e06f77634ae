import { tileRemark } from '../backends/wasm/emit/tile-remark.ts';
import { lowerProgram } from '../compiler/compile.ts';
import { explainModule } from '../compiler/explain.ts';
import { flattenTensors, traceTree } from '../transforms/trace-tree.ts';
import type { Arguments } from '../transforms/types.ts';

/**
 * What the compiler makes of f for arguments like these: the kernels with their loops, the calls
 * around them, and the memory they work in, as text.
 */
export function explain<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...args: Arguments<A>
): string {
  const [leaves, treedef] = flattenTensors(args);
  const types = leaves.map((leaf) => leaf.type);
  return explainModule(lowerProgram(traceTree('explain', f, treedef, types).program), tileRemark);
}
