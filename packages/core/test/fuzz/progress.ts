import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a run is. */
export interface RunProgress {
  show(done: number, failures: number): void;
  /** Prints a line of its own. */
  note(text: string): void;
  stop(): void;
}

interface Stream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** A bar on a terminal, and elsewhere a line every ten seconds: with rate and time left. */
export function createProgress(stream: Stream, title: string, total: number): RunProgress {
  return stream.isTTY === true ? bar(stream, title, total) : lines(stream, title, total);
}

function bar(stream: Stream, title: string, total: number): RunProgress {
  const shown = new SingleBar(
    {
      format: `${title} {bar} {value}/{total}  {rate}/s  {eta_formatted} left  {failures} failures`,
      stream,
      barsize: 24,
      etaBuffer: 500,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const rate = rateMeter();
  let started = false;
  return {
    show(done, failures) {
      const payload = { failures, rate: rate(done).toFixed(1) };
      if (!started) shown.start(total, done, payload);
      else shown.update(done, payload);
      started = true;
    },
    note(text) {
      stream.write(`\n${text}\n`);
    },
    stop() {
      if (started) shown.stop();
    },
  };
}

function lines(stream: Stream, title: string, total: number): RunProgress {
  const rate = rateMeter();
  let last = performance.now();
  return {
    show(done, failures) {
      const perSecond = rate(done);
      const now = performance.now();
      if (now - last < 10_000 && done < total) return;
      last = now;
      const minutes = ((total - done) / perSecond / 60).toFixed(1);
      stream.write(
        `${title}: ${done}/${total}, ${perSecond.toFixed(1)}/s, ${minutes} minutes left, ${failures} failures\n`,
      );
    },
    note(text) {
      stream.write(`${text}\n`);
    },
    stop() {},
  };
}

/** Programs in a second since the first call. */
function rateMeter(): (done: number) => number {
  let start: { readonly at: number; readonly done: number } | undefined;
  return (done) => {
    start ??= { at: performance.now(), done: done - 1 };
    return (1000 * (done - start.done)) / Math.max(1, performance.now() - start.at);
  };
}
