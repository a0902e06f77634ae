/** Figures that are not the time of repeated work on one thread: first calls, sizes, threads, memory. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundle, writeBundle } from '../../scripts/bundle.ts';
import { Absent } from './suite.ts';

export interface Figure {
  readonly group: string;
  readonly name: string;
  readonly unit: string;
  readonly atMost?: number;
  measure(): Promise<number>;
}

export interface FigureResult extends Omit<Figure, 'measure'> {
  readonly value?: number;
  readonly notRun?: string;
}

const folder = join(import.meta.dirname, '..', 'figures');
const run = promisify(execFile);

/** The number that a script prints, the median of some fresh processes. */
async function inProcess(script: string, args: readonly string[], times = 3): Promise<number> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    const { stdout } = await run(execPath, [join(folder, script), ...args]);
    const value = Number(stdout.trim().split('\n').at(-1));
    if (Number.isNaN(value)) throw new Absent(stdout.trim());
    found.push(value);
  }
  return found.sort((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}

const compileTimes: readonly Figure[] = ['value', 'gradient'].flatMap((of) =>
  [10, 100, 1000, 10_000].map((equations) => ({
    group: 'compilation',
    name: `first call of a ${of}, function of ${equations} equations`,
    unit: 'ms',
    ...(equations === 10_000 && of === 'value' ? { atMost: 1000 } : {}),
    measure: () => inProcess('compile.ts', [`${equations}`, of]),
  })),
);

const growth: Figure = {
  group: 'compilation',
  name: 'first call with 10000 equations over first call with 1000 (linear: 10)',
  unit: 'x',
  atMost: 12,
  measure: async () =>
    (await inProcess('compile.ts', ['10000', 'value'])) /
    (await inProcess('compile.ts', ['1000', 'value'])),
};

const programs = {
  'adbench-lstm': 'lstm_l2_c1024',
  'adbench-gmm': '1k gmm_d10_K25',
  'adbench-ba': 'ba1_n49_m7776_p31843',
  'adbench-hand': 'hand simple_small/hand1_t26_c100',
} as const;

const adbench: readonly Figure[] = Object.entries(programs).map(([program, name]) => ({
  group: 'compilation',
  name: `recording and compiling ${name}`,
  unit: 'ms',
  atMost: 100,
  measure: () => inProcess('compile-adbench.ts', [program, name]),
}));

const entries = {
  'grad + jit + tensor': { source: "export { grad, jit, tensor } from '@grad/core';", atMost: 60 },
  'all of core': { source: "export * from '@grad/core';", atMost: 150 },
} as const;

const sizes: readonly Figure[] = Object.entries(entries).map(([name, { source, atMost }]) => ({
  group: 'size',
  name: `${name}, minified and gzipped`,
  unit: 'kB',
  atMost,
  measure: async () => {
    const { page } = await bundle(source);
    return page.reduce((sum, { code }) => sum + gzipSync(code).length, 0) / 1000;
  },
}));

const importTime: Figure = {
  group: 'start',
  name: 'import of the bundle and a first jitted gradient',
  unit: 'ms',
  atMost: 60,
  measure: async () => {
    const place = mkdtempSync(join(tmpdir(), 'grad-bundle-'));
    try {
      const file = writeBundle(await bundle("export * from '@grad/core';"), place);
      return await inProcess('start.ts', [file], 5);
    } finally {
      rmSync(place, { recursive: true });
    }
  },
};

const memory: Figure = {
  group: 'memory',
  name: 'gradient of 8 layers without a loop: peak over arguments, results and residuals',
  unit: 'x',
  atMost: 1.2,
  measure: () => inProcess('memory.ts', [], 1),
};

/** What is asked of products of matrices on two threads is 1.8 times the speed of one. */
const threads: readonly Figure[] = (
  [
    ['matmul', 512, 1.8],
    ['matmul', 1024, 1.8],
    ['chain', 1_000_000, undefined],
    ['sum', 8_000_000, undefined],
  ] as const
).map(([work, size, least]) => ({
  group: 'threads',
  name: `${work} of ${size}, float32: time on 2 threads over time on 1`,
  unit: 'x',
  ...(least ? { atMost: 1 / least } : {}),
  measure: () => inProcess('threads.ts', [work, `${size}`], 1),
}));

export const figures: readonly Figure[] = [
  ...compileTimes,
  growth,
  ...adbench,
  importTime,
  ...sizes,
  ...threads,
  memory,
];

export async function take({ measure, ...figure }: Figure): Promise<FigureResult> {
  try {
    return { ...figure, value: await measure() };
  } catch (error) {
    return { ...figure, notRun: reasonOf(error instanceof Error ? error.message : `${error}`) };
  }
}

/** Of what a process said when it failed, the error itself: the rest names places on this machine. */
function reasonOf(message: string): string {
  const thrown = message.split('\n').find((line) => /^(\w*Error|Absent): /.test(line));
  return thrown?.replace(/^\w+: /, '') ?? 'its process failed';
}
