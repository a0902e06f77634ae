import type { Buffer } from '../kernel/expr.ts';
import type { KernelModule } from '../kernel/statement.ts';
import type { Program } from '../program/program.ts';
import { itemSize } from '../tensor/dtype.ts';

/** What the arrays of a workspace are, by the names that the compiler gives them. */
const purposes: { readonly [name: string]: string } = {
  ys: 'what a scan gives for each step, or keeps of it for its derivative',
  xs: 'what a scan goes over',
  carry: 'the state of a loop',
  next: 'the next state of a loop',
};

function bytesOf({ dtype, size }: Buffer): number {
  return size * itemSize(dtype);
}

/** What the memory of a call is for, in words: itself and its largest array. */
export function workOf({ workspace }: Pick<KernelModule, 'workspace'>): string {
  const work = 'the work of a call';
  const [first, ...rest] = workspace.keys();
  if (first === undefined) return work;
  const largest = rest.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a), first);
  const purpose = purposes[largest.name.replace(/\d+$/, '')] ?? 'a value between two operations';
  return `${work}, whose largest array has ${bytesOf(largest)} bytes, ${largest.size} elements of ${largest.dtype}, for ${purpose}`;
}

/** What each result of a Program is the result of, to stand behind its type. */
export function originsOf({ equations, outputs }: Program): string[] {
  const makers = new Map(
    equations.flatMap(({ operation, outputs: made }) =>
      made.map((variable) => [variable, operation.name] as const),
    ),
  );
  return outputs.map((output) => {
    const maker = output.kind === 'var' ? makers.get(output) : undefined;
    return maker === undefined ? '' : `, a result of ${maker}`;
  });
}
