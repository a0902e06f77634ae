import type { Host } from './host.ts';

/** Hands items out in order, one at a time to each host; gives whether all were before it was over. */
export async function eachOnHosts<T>(
  items: readonly T[],
  hosts: readonly Host[],
  isOver: () => boolean,
  work: (item: T, host: Host) => Promise<void>,
): Promise<boolean> {
  const waiting = [...items];
  const serve = async (host: Host): Promise<void> => {
    while (!isOver()) {
      const item = waiting.shift();
      if (item === undefined) return;
      await work(item, host);
    }
  };
  await Promise.all(hosts.map(serve));
  return waiting.length === 0;
}
