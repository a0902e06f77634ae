/** The process of a peer that runs in Node: `node serve.ts NAME`. See `../process.ts`. */

import { readFileSync, writeSync } from 'node:fs';
import { argv, cpuUsage, stdin } from 'node:process';
import { createInterface } from 'node:readline';
import type { Clock, Layout, Reply, Request, Sample } from '../process.ts';
import { Absent, type Input, type Inputs, type Prepare, type Work } from '../suite.ts';

const name = argv[2] ?? '';

function read({ file, arrays }: Layout): Inputs {
  const { buffer, byteOffset } = readFileSync(file);
  const inputs: [string, Input][] = arrays.map(({ name, dtype, shape, offset }) => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    const kind = { float32: Float32Array, float64: Float64Array, int32: Int32Array }[dtype];
    const bytes = buffer.slice(
      byteOffset + offset,
      byteOffset + offset + length * kind.BYTES_PER_ELEMENT,
    );
    return [name, { shape, data: new kind(bytes) }];
  });
  return Object.fromEntries(inputs);
}

function sampleOf(output: ArrayLike<number>): Sample {
  const stride = Math.max(1, Math.floor(output.length / 200));
  const values = Array.from(
    { length: Math.ceil(output.length / stride) },
    (_, i) => output[i * stride] ?? Number.NaN,
  );
  let squares = 0;
  for (let i = 0; i < output.length; i++) squares += (output[i] ?? 0) ** 2;
  return { size: output.length, norm: Math.sqrt(squares), values };
}

/** Starts the library and gives what prepares a case from the file that holds this side of it. */
async function peer(): Promise<{ version: string; prepare: (file: string) => Promise<Prepare> }> {
  const fromFile = async (file: string): Promise<Prepare> => {
    const module: { readonly prepare: Prepare } = await import(file);
    return module.prepare;
  };
  switch (name) {
    case 'C to WASM':
    case 'C': {
      const { compiled } = await import('./compiled-c.ts');
      return compiled(name);
    }
    case 'tfjs-wasm':
    case 'tfjs-cpu': {
      const { start } = await import('./start-tfjs.ts');
      return { version: await start(name), prepare: fromFile };
    }
    case 'jax-js': {
      const { start } = await import('./start-jax-js.ts');
      return { version: await start(), prepare: fromFile };
    }
    default:
      return { version: '', prepare: fromFile };
  }
}

let work: Work | null = null;
let batch = 1;
const started = peer();

/** Runs that are waited for; most sides need no waiting. */
async function run(times: number, { run }: Work): Promise<void> {
  for (let i = 0; i < times; i++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
}

function clockOf(clock: Clock): number {
  if (clock === 'wall') return performance.now();
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** Runs for some milliseconds, looking at the clock every 100 microseconds or so. */
async function slice(time: number, clock: Clock): Promise<Reply> {
  if (!work) return { error: 'nothing is prepared' };
  if (work.slice) return work.slice(time, clock);
  const from = clockOf(clock);
  let [now, runs] = [from, 0];
  do {
    await run(batch, work);
    runs += batch;
    now = clockOf(clock);
  } while (now - from < time);
  batch = Math.max(1, Math.floor((runs / (now - from)) * 0.1));
  return { runs, milliseconds: now - from };
}

async function answer(request: Request): Promise<Reply> {
  if ('slice' in request) return slice(request.slice, request.clock);
  if ('memory' in request) return { bytes: process.resourceUsage().maxRSS * 1024 };
  const { version, prepare } = await started;
  work = null;
  batch = 1;
  const of = await prepare(request.prepare);
  work = await of(read(request.layout), request.options, request.layout);
  if (!work) return { absent: 'has no such operation in this precision' };
  await run(1, work);
  const own = work.flops === undefined ? {} : { flops: work.flops };
  return { version, sample: sampleOf(await work.output()), ...own };
}

for await (const line of createInterface({ input: stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error: unknown): Reply => {
    const message = error instanceof Error ? error.message : `${error}`;
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const missing = error instanceof Absent || code === 'ERR_MODULE_NOT_FOUND';
    console.error(error);
    return missing ? { absent: message } : { error: message };
  });
  writeSync(3, `${JSON.stringify(reply)}\n`);
}
