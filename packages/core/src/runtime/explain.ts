import { tileRemark } from '../backends/wasm/emit/tile-remark.ts';
import { lowerProgram } from '../compiler/compile.ts';
import { explainModule } from '../compiler/explain.ts';
import { executor } from '../trace/executor.ts';
import { flattenTensors, traceTree } from '../transforms/trace-tree.ts';
import type { Arguments } from '../transforms/types.ts';
import { threads, threadsWanted } from './threads-wanted.ts';

/**
 * What the compiler makes of f for arguments like these: the kernels with their loops, the calls
 * around them, and the memory they work in, as text. Where `setThreads` has asked for several threads,
 * it ends with how many there are, and why not more.
 */
export function explain<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...args: Arguments<A>
): string {
  const [leaves, treedef] = flattenTensors(args);
  const types = leaves.map((leaf) => leaf.type);
  const text = explainModule(
    lowerProgram(traceTree('explain', f, treedef, types).program),
    tileRemark,
  );
  return threadsWanted() > 1 ? `${text}\n${threadLine()}` : text;
}

function threadLine(): string {
  const [there, wanted] = [threads(), threadsWanted()];
  const why = executor().whyFewerThreads ?? 'others are not ready yet';
  return `threads: ${there} of ${wanted}${there < wanted ? `, since ${why}` : ''}`;
}
