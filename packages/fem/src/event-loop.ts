/** Milliseconds for which nothing else need happen: one frame of a page. */
const longestBlock = 16;

/** Lets timers and events in when the last time is more than 16 ms ago. */
export function createPause(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < longestBlock) return;
    await new Promise((resume) => setTimeout(resume, 0));
    last = performance.now();
  };
}
