/**
 * Where the threads of a realm meet: a record at a fixed place of its shared memory. A thread that
 * compiled code asks for help (the caller) opens a *job*: the pieces of one section of a module.
 * Every thread that is inside takes the number of the next piece until there are none left. The
 * caller takes pieces too; then it closes the job and waits for those that are inside. A thread says
 * that it is inside before it looks whether the job is open, and the caller closes the job before it
 * looks who is inside: so either the thread sees that it is too late, or the caller waits for it.
 */
const recordAt = 64;

/** Threads of a realm, at most, the caller among them. */
export const mostThreads = 64;

/** Words of arguments of a section, at most. */
export const mostArguments = 128;

const line = 64;
const argumentsAt = recordAt + 2 * line;
const threadsAt = argumentsAt + 4 * mostArguments;
const reasonAt = threadsAt + mostThreads * line;

/** Addresses of the words of the record: int32 each. */
export const places = {
  /** Changes when a job is opened or a thread is to end. Threads sleep here. */
  signal: recordAt,
  /** 1 while threads may take part in the job. */
  open: recordAt + 4,
  /** Threads that sleep or are about to. */
  sleepers: recordAt + 8,
  /** The highest number of a thread that may take part; 0 when the caller is to work alone. */
  limit: recordAt + 12,
  /** Where the module is: its number, its length, its bytes. */
  module: recordAt + 16,
  /** Number of the section in the module. */
  section: recordAt + 20,
  /** Memory of the call. */
  base: recordAt + 24,
  /** Pieces of the job. */
  total: recordAt + 28,
  /** 1 once a failure of the program was recorded in the job. */
  failed: recordAt + 32,
  /** 1 once a thread could not go on. */
  crashed: recordAt + 36,
  /** The next piece to take. */
  next: recordAt + line,
  arguments: argumentsAt,
  threads: threadsAt,
  /** Bytes of the text that says why a thread could not go on; then the text. */
  reason: reasonAt,
} as const;

/** Bytes of that text, at most. */
export const reasonBytes = 4 * line - 4;

/** Bytes of the words of one thread. */
export const threadBytes = line;

/** From the start of a thread's words. */
export const threadPlaces = {
  /** 1 while it may be at work. */
  inside: 0,
  /** 1 from when it is ready until it has ended. */
  present: 4,
  /** Memory of its own. */
  scratch: 8,
  /** Changes when the thread is to end. */
  token: 12,
  /** Its status record, whose fourth word is the piece in which it failed. */
  status: 16,
} as const;

/** Address of a word of a thread; number 0 is the caller. */
export function threadPlace(thread: number, place: keyof typeof threadPlaces): number {
  return threadsAt + thread * threadBytes + threadPlaces[place];
}

/** The first address after the record. */
export const recordEnd = reasonAt + 4 + reasonBytes;
