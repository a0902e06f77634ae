/**
 * A place in the code of the user: the innermost caller that is no part of the library. V8 tells where
 * a call came from in a few microseconds, and its text is made once for each line, since that takes
 * longer than recording the operation did. Other engines give the text of the stack, which is read
 * only when it is asked for.
 */
export class Source {
  /** The operation at that place of whose derivative this is a part. */
  readonly derivativeOf: string | undefined;
  readonly #stack: Stack;

  private constructor(stack: Stack, of?: string) {
    this.#stack = stack;
    this.derivativeOf = of;
  }

  /** Where the library was called from; a place that is not known where there are no stacks. */
  static here(): Source {
    const site = callSite();
    if (site === undefined) return new Source({ error: new Error(), place: undefined });
    let source = sources.get(site);
    if (source === undefined) {
      if (sources.size >= 10_000) sources.clear();
      source = new Source({ error: undefined, place: callerIn(deepStack()) });
      sources.set(site, source);
    }
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

/** A stack whose text is not read yet, or what it told. */
interface Stack {
  error: Error | undefined;
  place: string | undefined;
}

/** Sources by where V8 says that they are, before source maps. */
const sources = new Map<string, Source>();

/** Frames of the library above the user's, at most. */
const depth = 24;

interface CallSite {
  getScriptNameOrSourceURL(): string | null | undefined;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

/** The constructor of errors, with what V8 adds to it. */
interface Stacks {
  readonly prototype: Error;
  stackTraceLimit?: number;
  prepareStackTrace?: unknown;
  captureStackTrace?(target: object): void;
}

const stacks: Stacks = Error;

/** Runs `body` with room for the frames of the library in each stack. */
function withDepth<T>(body: () => T): T {
  const before = stacks.stackTraceLimit;
  stacks.stackTraceLimit = depth;
  const result = body();
  if (before !== undefined) stacks.stackTraceLimit = before;
  return result;
}

function deepStack(): string | undefined {
  return withDepth(() => new Error().stack);
}

/** The first position outside the library as V8 sees it; '' when there is none, undefined elsewhere. */
function callSite(): string | undefined {
  if (stacks.stackTraceLimit === undefined || !stacks.captureStackTrace) return undefined;
  let site = '';
  const before = stacks.prepareStackTrace;
  stacks.prepareStackTrace = (_: unknown, sites: readonly CallSite[]): string => {
    for (const frame of sites) {
      const url = frame.getScriptNameOrSourceURL();
      if (url && isOutside(url)) {
        site = `${url}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
        break;
      }
    }
    return '';
  };
  const target: { readonly stack?: unknown } = {};
  withDepth(() => stacks.captureStackTrace?.(target));
  // Reading it has it prepared.
  const prepared = target.stack;
  stacks.prepareStackTrace = before;
  return prepared === undefined ? undefined : site;
}

const outside = new Map<string, boolean>();

function isOutside(url: string): boolean {
  let known = outside.get(url);
  if (known === undefined) {
    const file = fileOf(url);
    known = !file.startsWith('node:') && file !== 'native' && !isLibrary(file);
    outside.set(url, known);
  }
  return known;
}

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

/** The folder of the core's files; undefined when they were put into one file with others. */
const [, core] = /^(.*\/(?:src|dist)\/)program\/source\.[jt]s$/.exec(own) ?? [];

/** Where the packages lie side by side, if they do. */
const [, packages] = /^(.*\/)core\/(?:src|dist)\/$/.exec(core ?? '') ?? [];

function isLibrary(file: string): boolean {
  if (file === own || file.includes('/@grad/')) return true;
  if (core !== undefined && file.startsWith(core)) return true;
  if (packages === undefined || !file.startsWith(packages)) return false;
  return /^[^/]+\/(?:src|dist)\//.test(file.slice(packages.length));
}
