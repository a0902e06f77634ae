import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Reply, Request, SignOfLife, Silence } from './messages.ts';

const script = fileURLToPath(new URL('worker.ts', import.meta.url));

/** A worker that is started again after it was ended. */
export class Host {
  #child: ChildProcess | undefined;
  readonly #mode: 'map' | 'try';
  #closed = false;

  constructor(mode: 'map' | 'try') {
    this.#mode = mode;
  }

  /** The reply, or silence where no sign of life came for so long or the worker died. */
  async ask(request: Request, milliseconds: number): Promise<Reply | Silence> {
    let tested = 0;
    const silence = (): Silence => ({ type: 'silence', tested });
    if (this.#closed) return silence();
    this.#child ??= await this.#start();
    const child = this.#child;
    const reply = await new Promise<Reply | Silence>((resolve) => {
      const end = (value: Reply | Silence): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(value);
      };
      const timer = setTimeout(() => end(silence()), milliseconds);
      child.on('message', (message: Reply | SignOfLife) => {
        if (message.type === 'reply') end(message);
        else {
          tested += 1;
          timer.refresh();
        }
      });
      child.on('exit', () => end(silence()));
      child.send(request);
    });
    if (reply.type === 'silence') this.#stop();
    return reply;
  }

  /** Ends the worker, and answers nothing any more. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  /** Ends the worker and the processes that it runs tests in. */
  #stop(): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  #start(): Promise<ChildProcess> {
    // A group of its own, so that what it started ends with it.
    const child = fork(script, [this.#mode], { detached: true });
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve(child));
      child.once('exit', () => reject(new Error('the worker does not start')));
    });
  }
}
