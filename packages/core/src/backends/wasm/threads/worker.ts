/**
 * A thread. It spins for some microseconds, then sleeps, until the caller's signal; then it takes
 * part in the job, as `record.ts` says. It keeps the modules that it has compiled.
 */
import { places, reasonBytes, recordEnd, threadPlace } from './record.ts';

/** What a thread is told at first. */
export interface Start {
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  /** It ends when this is not its token any more. */
  readonly token: number;
}

/** Looks at the signal before a thread sleeps: 20 microseconds or more. */
const spins = 4096;
/** Modules that a thread keeps. */
const kept = 1024;

type Sections = Readonly<Record<string, WebAssembly.ExportValue>>;

/** Works until the token says that it is enough; `ready` is called before the first job. */
export function work({ memory, thread, token }: Start, ready: () => void): void {
  const words = new Int32Array(memory.buffer, 0, recordEnd / 4);
  const load = (place: number): number => Atomics.load(words, place / 4);
  const at = (place: Parameters<typeof threadPlace>[1]): number => threadPlace(thread, place);
  const modules = new Modules(memory);
  if (load(at('token')) !== token) return;
  Atomics.store(words, at('present') / 4, 1);
  ready();
  for (;;) {
    const signal = load(places.signal);
    if (load(at('token')) !== token) break;
    while (takePart(words, thread, modules));
    let looks = 0;
    while (looks < spins && load(places.signal) === signal) looks++;
    if (looks < spins) continue;
    Atomics.add(words, places.sleepers / 4, 1);
    Atomics.wait(words, places.signal / 4, signal);
    Atomics.sub(words, places.sleepers / 4, 1);
  }
  Atomics.store(words, at('present') / 4, 0);
}

/** Takes part in the job, if there is one; true when it was not ready for it, and is now. */
function takePart(words: Int32Array, thread: number, modules: Modules): boolean {
  const inside = threadPlace(thread, 'inside') / 4;
  let missing: (() => void) | undefined;
  Atomics.store(words, inside, 1);
  try {
    if (Atomics.load(words, places.open / 4) === 1 && thread <= (words[places.limit / 4] ?? 0)) {
      const [module = 0, section = 0] = words.subarray(places.module / 4);
      const sections = modules.find(module);
      if (sections) call(sections[`section${section}`], thread);
      else missing = modules.prepare(module);
    }
  } catch (error) {
    if (Atomics.compareExchange(words, places.reason / 4, 0, -1) === 0) say(words, error);
    Atomics.store(words, places.crashed / 4, 1);
  } finally {
    Atomics.store(words, inside, 0);
    Atomics.notify(words, inside);
  }
  // Compiled outside: nobody need wait for that.
  missing?.();
  return missing !== undefined;
}

/** Writes down why this thread cannot go on. */
function say(words: Int32Array, error: unknown): void {
  const text = new TextEncoder().encode(String(error)).subarray(0, reasonBytes);
  new Uint8Array(words.buffer, places.reason + 4, text.length).set(text);
  Atomics.store(words, places.reason / 4, text.length);
}

function call(section: WebAssembly.ExportValue | undefined, thread: number): void {
  if (typeof section !== 'function') throw new Error('The module has no such section.');
  section(thread);
}

/** Modules by the numbers that they have in memory. */
class Modules {
  readonly #memory: WebAssembly.Memory;
  readonly #known = new Map<number, Sections>();

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  find(address: number): Sections | undefined {
    return this.#known.get(this.#header(address).number);
  }

  /** Copies the bytes of a module; what is given back compiles them. */
  prepare(address: number): () => void {
    const { number, length } = this.#header(address);
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(this.#bufferTo(address + 8 + length), address + 8, length));
    return () => {
      const [oldest] = this.#known.keys();
      if (this.#known.size >= kept && oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(number, this.#instantiate(bytes));
    };
  }

  #header(address: number): { number: number; length: number } {
    const [number = 0, length = 0] = new Int32Array(this.#bufferTo(address + 8), address, 2);
    return { number, length };
  }

  /** The buffer, as far as an address; a thread may not have noticed yet that memory grew. */
  #bufferTo(end: number): ArrayBufferLike {
    if (this.#memory.buffer.byteLength < end) this.#memory.grow(0);
    return this.#memory.buffer;
  }

  #instantiate(bytes: Uint8Array<ArrayBuffer>): Sections {
    const module = new WebAssembly.Module(bytes);
    const env: Record<string, WebAssembly.ImportValue> = {
      memory: this.#memory,
      stackTop: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
    };
    // Sections neither wait nor call the host.
    for (const { name, kind } of WebAssembly.Module.imports(module)) {
      if (kind === 'function') env[name] = unavailable;
    }
    return new WebAssembly.Instance(module, { env }).exports;
  }
}

function unavailable(): never {
  throw new Error('A section called what only the caller may call.');
}
