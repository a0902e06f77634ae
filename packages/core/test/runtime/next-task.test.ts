import { expect, test } from 'vitest';
import { type Host, turns } from '../../src/runtime/next-task.ts';

const later: Host = { setTimeout: (task) => setTimeout(task) };
const hosts: readonly (readonly [name: string, host: Host])[] = [
  ['immediates', { ...later, setImmediate: (task) => setTimeout(task, 1) }],
  ['messages', { ...later, MessageChannel }],
  ['timers', later],
];

test.each(hosts)(
  'with %s, timers fire between turns, and turns keep their order',
  async (_, host) => {
    const nextTask = turns(host);
    let fired = false;
    setTimeout(() => {
      fired = true;
    });
    while (!fired) await nextTask();
    const order: number[] = [];
    await Promise.all([1, 2, 3].map(async (i) => nextTask().then(() => order.push(i))));
    expect(order).toEqual([1, 2, 3]);
  },
);
