/** What hosts offer to run something after what waits already; not all have each of them. */
export interface Host {
  readonly setImmediate?: (task: () => void) => unknown;
  readonly MessageChannel?: typeof MessageChannel;
  readonly setTimeout: (task: () => void) => unknown;
}

/** A function that waits until the event loop has had its turn: timers, input, and other messages. */
export function turns(host: Host): () => Promise<void> {
  const later = host.setImmediate ?? messages(host) ?? host.setTimeout;
  return () => new Promise((resolve) => void later(resolve));
}

/** Messages to oneself, which browsers do not hold back as they do nested timers. */
function messages({ MessageChannel }: Host): ((task: () => void) => void) | undefined {
  if (MessageChannel === undefined) return undefined;
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (task) => {
    waiting.push(task);
    port2.postMessage(null);
  };
}

/** Waits for the event loop of this host. */
export const nextTask: () => Promise<void> = turns(globalThis);
