import { type TreeDef, unflatten } from '../program/tree.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { bind } from '../trace/trace.ts';
import { flattenTensors } from '../transforms/trace-tree.ts';
import { type HostParams, hostOperation } from './host-operation.ts';

/** Where lines of `debug.print` go. */
export type Printer = (line: string) => void;

let printer: Printer = (line) => console.log(line);

/** Sends lines of `debug.print` elsewhere, if it is said where; returns where they went. */
export function setPrinter(next: Printer | undefined): Printer {
  const before = printer;
  printer = next ?? before;
  return before;
}

interface PrintParams extends HostParams {
  readonly format: string;
  readonly args: TreeDef;
}

const printOperation = hostOperation<PrintParams>({
  name: 'debug.print',
  effect: true,
  results: () => [],
  call: (operands, { format, args }) => {
    printer(fill(format, unflatten<readonly unknown[]>(args, operands)));
    return [];
  },
  linearize: (self, operands, params) => {
    bind(self, operands, params);
    return { outputs: [], active: [], pushforward: () => [] };
  },
});

function print(format: string, ...args: readonly unknown[]): void {
  const count = typeof format === 'string' ? format.split('{}').length - 1 : -1;
  if (count !== args.length) {
    throw new TypeError(
      count < 0
        ? `debug.print: the format must be a string such as 'x = {}'; it is ${isTensor(format) ? 'a tensor' : typeof format}.`
        : `debug.print: the format ${JSON.stringify(format)} has ${count} places {} for ${args.length} values.`,
    );
  }
  const [leaves, treedef] = flattenTensors(args);
  bind(printOperation, leaves, { format, args: treedef, batch: [], masked: false });
}

/** Looking into functions while they run. */
export interface Debug {
  /**
   * Prints values from inside a function that is recorded or compiled: each `{}` in the format is
   * replaced by an argument, a tensor or a tree of them. It prints when the call runs: in a loop at
   * each step, under `vmap` for each entry of the batch, and once where a derivative is taken, always in
   * the order of the program. It changes neither results nor derivatives.
   *
   * ```ts
   * const f = jit((x: Tensor) => {
   *   const y = sin(x);
   *   debug.print('sin({}) = {}', x, y);
   *   return y;
   * });
   * ```
   *
   * Lines go to `console.log`, or where `setDebug({ print })` says.
   *
   * @throws TypeError when the format does not have one `{}` for each argument.
   */
  print(format: string, ...args: readonly unknown[]): void;
}

/** Looking into functions while they run. */
export const debug: Debug = { print };

function fill(format: string, values: readonly unknown[]): string {
  let next = 0;
  return format.replaceAll('{}', () => write(values[next++]));
}

/** Elements without dtype and shape; trees as they are written. */
function write(value: unknown): string {
  if (isTensor(value)) return elements(value);
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof Function)) {
    return `{${Object.entries(value)
      .map(([key, child]) => `${key}: ${write(child)}`)
      .join(', ')}}`;
  }
  return String(value);
}

function elements(x: Tensor): string {
  const text = x.toString();
  return text.slice(text.indexOf(' ') + 1);
}
