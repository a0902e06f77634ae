/** What is known when memory cannot be had. */
export interface Shortage {
  /** Bytes that were asked for. */
  readonly bytes: number;
  /** What they were for, such as `float64 of shape [25]`. */
  readonly what: string;
  /** What is in use already, as a sentence, and how many bytes. */
  readonly held?: { readonly said: string; readonly bytes: number };
  /** What an engine said. */
  readonly cause?: unknown;
}

/**
 * There is not enough memory for a tensor, for the work of a call, for what a loop keeps for its
 * derivative, or for compiled code. Everything that was there before is still there and usable, and
 * so is the library.
 */
export class OutOfMemoryError extends RangeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'OutOfMemoryError';
  /** Bytes that were asked for. */
  readonly bytes: number;
  /** Bytes of WebAssembly memory in use by then; undefined where it was not that memory. */
  readonly bytesHeld: number | undefined;

  /** @internal */
  constructor({ bytes, what, held, cause }: Shortage) {
    super(
      `Cannot allocate ${bytes} bytes for ${what}: ${held?.said ?? 'JavaScript has no array of that length, or no memory for it'}. ` +
        'Free tensors with dispose(), compute in float32, have checkpoint (or that option of a loop) keep less for derivatives, or work on smaller pieces.',
      cause === undefined ? undefined : { cause },
    );
    this.bytes = bytes;
    this.bytesHeld = held?.bytes;
  }
}

/** Runs what an engine refuses by a RangeError of its own where there is no memory. */
export function withinMemory<R>(allocate: () => R, bytes: number, what: () => string): R {
  try {
    return allocate();
  } catch (cause) {
    const plain = cause instanceof RangeError && cause.name === 'RangeError';
    if (!plain || /call stack|recursion/i.test(cause.message)) throw cause;
    throw new OutOfMemoryError({ bytes, what: what(), cause });
  }
}
