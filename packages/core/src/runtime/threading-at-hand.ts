/** What calls on threads need. */
export type Threading = typeof import('./threading.ts');

let current: Threading | undefined;

/** `setThreads` brings it along, so that a page that does not use it does not load it at once. */
export function setThreading(threading: Threading): void {
  current = threading;
}

/** What calls on threads need, if it is there. */
export function threadingAtHand(): Threading | undefined {
  return current;
}

/** Loads it where it is not there: for `jit({ threads })` in a page without `setThreads`. */
export async function loadThreading(): Promise<void> {
  current ??= await import('./threading.ts');
}
