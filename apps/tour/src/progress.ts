import { setImmediate } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a job is. */
export interface Progress {
  /** Shows that `fraction` (0 to 1) of `stage` is done. Cheap enough for every iteration. */
  show(stage: string, fraction: number): void;
  /** Removes what would stand in the way of other output. */
  stop(): void;
}

/** Where output goes: a terminal, or a log that keeps every line. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Width of a terminal in characters. */
  readonly columns?: number;
  /** Whether a terminal shows colours. */
  hasColors?(): boolean;
}

/** A bar on a terminal; elsewhere a line for each new stage and at most one a second within it. */
export function createProgress(stream: OutputStream, title: string): Progress {
  return stream.isTTY === true ? barProgress(stream, title) : lineProgress(stream, title);
}

/**
 * Lets waiting signals in, so that Ctrl-C works between two synchronous computations.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

function barProgress(stream: NodeJS.WritableStream, title: string): Progress {
  const bar = new SingleBar(
    {
      format: `${title}  {bar} {percentage}%  {stage}`,
      stream,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false, // the tour handles Ctrl-C
      barsize: 24,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    show(stage, fraction) {
      if (!started) bar.start(1, 0, { stage });
      started = true;
      bar.update(fraction, { stage });
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}

function lineProgress(stream: NodeJS.WritableStream, title: string): Progress {
  let lastStage: string | undefined;
  let lastTime = 0;
  return {
    show(stage, fraction) {
      const now = performance.now();
      if (stage === lastStage && now - lastTime < 1000) return;
      lastStage = stage;
      lastTime = now;
      stream.write(`${title}: ${stage} (${Math.round(100 * fraction)} %)\n`);
    },
    stop() {},
  };
}
