import type { RealmMemory } from '../memory.ts';
import { mostThreads, places, reasonBytes, recordEnd, threadPlace } from './record.ts';
import { type Spawn, spawnWorker, type Thread } from './spawn.ts';

export interface PoolOptions {
  /** How threads are started. */
  readonly spawn?: Spawn;
  /** Milliseconds after which a thread that nothing but one piece is left for is taken for dead. */
  readonly patience?: number;
}

/** A worker, as its pool sees it. */
interface Member {
  readonly thread: Thread;
  /** Resolved once it is ready or has ended. */
  readonly settled: Promise<void>;
}

/** Milliseconds that the caller sleeps at a time where it may. */
const nap = 1;

/** What one wait counts for at most: a machine that was suspended, or busy, makes no thread dead. */
const longestNap = 100;

/** Milliseconds that a thread which was told to end has for it. */
const leaving = 50;

/**
 * The threads of a realm. Its memory holds everything that they need to know, so that calls find
 * out what threads there are without the event loop; a thread that ends is replaced by the next
 * call that wants it. See `record.ts`.
 */
export class ThreadPool {
  readonly #realm: RealmMemory;
  readonly #words: Int32Array;
  readonly #spawn: Spawn;
  readonly #patience: number;
  /** By number, from 1. */
  readonly #members = new Map<number, Member>();
  #scratchBytes = 0;
  #modules = 0;
  #failures = 0;
  /** How long the caller has waited for the job, and when it did last. */
  #waiting = { job: -1, sum: 0, last: 0 };
  #whyNone: string | undefined;
  #broken = false;
  readonly #dropped = new FinalizationRegistry<number>((address) => this.#realm.free(address));

  constructor(realm: RealmMemory, { spawn = spawnWorker, patience = 10_000 }: PoolOptions = {}) {
    this.#realm = realm;
    this.#words = new Int32Array(realm.memory.buffer, 0, recordEnd / 4);
    this.#spawn = spawn;
    this.#patience = patience;
  }

  /** Whether a thread went astray: it may still write to this memory. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Why threads could not be started, once that was tried. */
  get whyNone(): string | undefined {
    return this.#whyNone;
  }

  /** Threads that are ready, the caller included; one that was told to end is not. */
  get size(): number {
    let size = 1;
    for (const i of this.#members.keys()) size += this.#load(threadPlace(i, 'present'));
    return size;
  }

  /** Starts what is missing of so many threads, the caller included. */
  grow(threads: number): void {
    if (this.#broken) return;
    for (let i = 1; i < Math.min(threads, mostThreads); i++) {
      if (!this.#members.has(i) && this.#failures < mostThreads) this.#start(i);
    }
  }

  /** Ends all but so many threads. */
  shrink(threads: number): void {
    for (const thread of [...this.#members.keys()]) if (thread >= threads) this.#end(thread);
    this.#signal();
  }

  /** Waits until threads that were started are ready or have ended. */
  async settled(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ settled }) => settled));
  }

  /** Stops everything: the memory is not used any more. */
  abandon(): void {
    this.#broken = true;
    for (const [i, { thread }] of this.#members) {
      this.#store(threadPlace(i, 'token'), this.#load(threadPlace(i, 'token')) + 1);
      thread.terminate();
    }
    this.#members.clear();
    this.#signal();
  }

  /** Prepares a call for which so many threads may work, each with memory of its own; see `leave`. */
  enter(threads: number, bytes: number): number {
    const before = this.#load(places.limit);
    if (this.#members.size < threads - 1) this.grow(threads);
    const wanted = Math.min(threads, mostThreads) - 1;
    const highest = wanted > 0 && this.#provide(bytes) ? this.#highest(wanted) : 0;
    this.#store(places.limit, highest);
    return before;
  }

  /** Ends a call, with what `enter` gave. */
  leave(before: number): void {
    this.#store(places.limit, before);
  }

  /** Ends the job of a call that has thrown; no thread is at work on it after that. */
  recover(): void {
    this.#store(places.open, 0);
    for (let i = 1; i < mostThreads; i++) while (this.#isInside(i)) this.wait(i);
    for (let i = 0; i < mostThreads; i++) this.#store(threadPlace(i, 'status'), 0);
    this.#store(places.failed, 0);
    this.#store(places.crashed, 0);
    this.#store(places.reason, 0);
  }

  /**
   * Waits a little for a thread that is inside; called by compiled code. The number 0 tells that a
   * thread could not go on.
   *
   * @throws Error when a thread is lost, and with it the elements that it was working on.
   */
  wait(thread: number): void {
    if (thread === 0) {
      this.#store(places.crashed, 0);
      this.#broken = true;
      throw lost(`failed (${this.#reason()})`);
    }
    const job = this.#load(places.signal);
    const now = performance.now();
    if (job !== this.#waiting.job) this.#waiting = { job, sum: 0, last: now };
    this.#waiting.sum += Math.min(now - this.#waiting.last, longestNap);
    this.#waiting.last = now;
    if (this.#waiting.sum > this.#patience) {
      this.#broken = true;
      this.#store(threadPlace(thread, 'inside'), 0);
      const seconds = (this.#patience / 1000).toFixed(this.#patience < 1000 ? 2 : 0);
      throw lost(
        `does not answer: number ${thread} has had one piece for ${seconds} seconds in which there was nothing else to do, so that its worker was ended, or is stuck`,
      );
    }
    if (mayWait) Atomics.wait(this.#words, threadPlace(thread, 'inside') / 4, 1, nap);
  }

  /** Bytes of a block for the bytes of a module. */
  bytesFor(bytes: Uint8Array): number {
    return 8 + bytes.length;
  }

  /**
   * Brings the bytes of a module to a block of `bytesFor` bytes, where threads find them. It is freed
   * some time after `owner` is not referred to any more.
   */
  publish(bytes: Uint8Array, address: number, owner: object): void {
    const { buffer } = this.#realm.memory;
    new Int32Array(buffer, address, 2).set([++this.#modules, bytes.length]);
    new Uint8Array(buffer, address + 8, bytes.length).set(bytes);
    this.#dropped.register(owner, address);
  }

  #start(i: number): void {
    // One that was told to end is about to do so.
    const end = performance.now() + leaving;
    while (this.#load(threadPlace(i, 'present')) !== 0) if (performance.now() > end) return;
    const token = this.#load(threadPlace(i, 'token'));
    let resolve = (): void => {};
    const settled = new Promise<void>((done) => {
      resolve = done;
    });
    let ready = false;
    const ended = (why = 'its worker ended at once'): void => {
      resolve();
      if (this.#load(threadPlace(i, 'token')) !== token) return;
      this.#members.delete(i);
      if (!ready) {
        this.#failures++;
        this.#whyNone = why;
      }
      for (const place of ['present', 'inside'] as const) this.#store(threadPlace(i, place), 0);
    };
    const { memory } = this.#realm;
    try {
      const thread = this.#spawn(
        { memory, thread: i, token },
        {
          ready: () => {
            ready = true;
            resolve();
          },
          ended,
        },
      );
      if (thread) this.#members.set(i, { thread, settled });
      else this.#noneFor('there are no workers here');
    } catch (error) {
      this.#noneFor(String(error));
    }
  }

  #noneFor(why: string): void {
    this.#failures = mostThreads;
    this.#whyNone = why;
  }

  #end(i: number): void {
    const token = threadPlace(i, 'token');
    this.#store(token, this.#load(token) + 1);
    this.#members.delete(i);
  }

  /** Has sleeping threads look around. */
  #signal(): void {
    Atomics.add(this.#words, places.signal / 4, 1);
    Atomics.notify(this.#words, places.signal / 4);
  }

  /** Memory of their own for all threads that were started; false when there is none. */
  #provide(bytes: number): boolean {
    if (bytes > this.#scratchBytes) {
      for (let i = 1; i < mostThreads; i++) {
        const old = this.#load(threadPlace(i, 'scratch'));
        if (old !== 0) this.#realm.free(old);
        this.#store(threadPlace(i, 'scratch'), 0);
      }
      this.#scratchBytes = bytes;
    }
    for (const i of this.#members.keys()) {
      if (this.#load(threadPlace(i, 'scratch')) !== 0) continue;
      const address = this.#realm.tryAllocate(this.#scratchBytes);
      if (address === undefined) return false;
      this.#store(threadPlace(i, 'scratch'), address);
    }
    return true;
  }

  #highest(wanted: number): number {
    let i = wanted;
    while (i > 0 && !(this.#members.has(i) && this.#load(threadPlace(i, 'present')))) i--;
    return i;
  }

  /** What the thread that could not go on has said. */
  #reason(): string {
    const length = this.#load(places.reason);
    const text = new Uint8Array(this.#words.buffer, places.reason + 4, reasonBytes);
    return new TextDecoder().decode(text.slice(0, Math.max(0, length)));
  }

  #isInside(i: number): boolean {
    return this.#load(threadPlace(i, 'inside')) === 1;
  }

  #load(place: number): number {
    return Atomics.load(this.#words, place / 4);
  }

  #store(place: number, value: number): void {
    Atomics.store(this.#words, place / 4, value);
  }
}

function lost(what: string): Error {
  return new Error(
    `A thread that worked on a compiled call ${what}; the call's results are lost. Later calls run with new threads.`,
  );
}

/** Whether this realm may sleep: a page's own thread may not. */
const mayWait = ((): boolean => {
  try {
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0) === 'not-equal';
  } catch {
    return false;
  }
})();
