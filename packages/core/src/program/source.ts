/**
 * A place in the code of the user: the innermost caller that is no part of the library. It is taken
 * in an instant and read only when it is asked for, since writing down a stack costs more than
 * recording the operation did.
 */
export class Source {
  /** The operation at that place of whose derivative this is a part. */
  readonly derivativeOf: string | undefined;
  readonly #stack: { error: Error | undefined; place: string | undefined };

  private constructor(stack: { error: Error | undefined; place: string | undefined }, of?: string) {
    this.#stack = stack;
    this.derivativeOf = of;
  }

  /** Where the library was called from; a place that is not known where there are no stacks. */
  static here(): Source {
    const before = stacks.stackTraceLimit;
    if (before === undefined) return new Source({ error: new Error(), place: undefined });
    stacks.stackTraceLimit = depth;
    const source = new Source({ error: new Error(), place: undefined });
    stacks.stackTraceLimit = before;
    return source;
  }

  /** `file:line:column`, or undefined where the stack did not tell. */
  get place(): string | undefined {
    const stack = this.#stack;
    if (stack.error) {
      stack.place = callerIn(stack.error.stack);
      stack.error = undefined;
    }
    return stack.place;
  }

  /** The same place, for what belongs to the derivative of the operation there. */
  inDerivativeOf(operation: string): Source {
    return this.derivativeOf === undefined ? new Source(this.#stack, operation) : this;
  }
}

/** Frames of the library above the user's, at most. */
const depth = 14;

const stacks: ErrorConstructor & { stackTraceLimit?: number } = Error;

/** What the engines write: `at f (file:1:2)` and `at file:1:2`, or `f@file:1:2`. */
const frames = [/^\s*at (?:.*? \()?(.+):(\d+):(\d+)\)?$/, /^[^@]*@(.+):(\d+):(\d+)$/];

/**
 * The first place of a stack outside the library, as `file:line:column`; undefined when there is
 * none, as in a page whose code is all in one file.
 */
export function callerIn(
  stack: string | undefined,
  isOwn: (file: string) => boolean = isLibrary,
): string | undefined {
  for (const line of stack?.split('\n') ?? []) {
    for (const frame of frames) {
      const [, url, row, column] = frame.exec(line) ?? [];
      if (url === undefined) continue;
      const file = fileOf(url);
      if (file.startsWith('node:') || file === 'native' || isOwn(file)) break;
      return `${file}:${row}:${column}`;
    }
  }
  return undefined;
}

/** A path, or the address of a script without what loaders append to it; `<anonymous>` for code from a string. */
function fileOf(url: string): string {
  return url
    .replace(/^eval at .*, /, '')
    .replace(/[?#].*$/, '')
    .replace(/^file:\/\//, '');
}

const own = fileOf(import.meta.url);

/** Where the packages lie side by side; undefined when they were put into one file with others. */
const [, packages] = /^(.*\/)core\/(?:src|dist)\/program\/source\.[jt]s$/.exec(own) ?? [];

function isLibrary(file: string): boolean {
  if (file === own || file.includes('/@grad/')) return true;
  if (packages === undefined || !file.startsWith(packages)) return false;
  return /^[^/]+\/(?:src|dist)\//.test(file.slice(packages.length));
}
