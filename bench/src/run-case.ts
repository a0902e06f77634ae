import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './compare.ts';
import { measure, type TimingOptions } from './measure.ts';
import { ours, type Peer, peers } from './peers.ts';
import { type Layout, PeerProcess, type Sample } from './process.ts';
import { Absent, type Case, type Inputs, type Target } from './suite.ts';

/** One side of a case: its time and how it compares with ours, or why there is none. */
export interface SideResult {
  readonly name: string;
  readonly milliseconds?: number;
  readonly quartiles?: readonly [number, number];
  readonly gigaflops?: number;
  /** The most memory that its process has taken, its library with it. */
  readonly mebibytes?: number;
  /** Its time over ours; for work of another size, its time per operation over ours. */
  readonly ratio?: number;
  readonly notRun?: string;
}

export interface TargetResult {
  readonly text: string;
  readonly measured: string;
  /** How many times better than asked; below 1 it is missed. */
  readonly factor?: number;
}

export interface CaseResult {
  readonly group: string;
  readonly name: string;
  readonly precision: string;
  readonly sides: readonly SideResult[];
  readonly targets: readonly TargetResult[];
}

const cases = join(import.meta.dirname, '..', 'cases');

/** Versions of the libraries that took part, as they say themselves. */
export const versions = new Map<string, string>();

function writeInputs(folder: string, name: string, inputs: Inputs): Layout {
  const file = join(folder, `${name}.bin`);
  const parts: Uint8Array[] = [];
  let offset = 0;
  const arrays = Object.entries(inputs).map(([name, { shape, data }]) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    // Padded to 8 bytes, so that each array can be viewed where it lies.
    const padding = -bytes.length & 7;
    parts.push(bytes, new Uint8Array(padding));
    const layout = { name, dtype: dtypeOf(data), shape, offset };
    offset += bytes.length + padding;
    return layout;
  });
  writeFileSync(file, Buffer.concat(parts));
  return { file, arrays };
}

function dtypeOf(data: Float32Array | Float64Array | Int32Array): 'float32' | 'float64' | 'int32' {
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Float32Array ? 'float32' : 'int32';
}

interface Ready {
  readonly process: PeerProcess;
  readonly sample: Sample;
  readonly flops: number | undefined;
}

/** Runs all sides of a case in turns. A side whose result differs from ours is an error of its own. */
export async function runCase(its: Case, options: TimingOptions): Promise<CaseResult> {
  const { group, name, precision } = its;
  const result = { group, name, precision };
  const folder = mkdtempSync(join(tmpdir(), 'grad-bench-'));
  const open: PeerProcess[] = [];
  const failed: SideResult[] = [];
  const ready: Ready[] = [];
  const prepare = async (
    side: { readonly name: string; readonly peer: Peer; readonly flops: number | undefined },
    layout: Layout,
    options: Case['options'],
  ): Promise<void> => {
    const file = join(cases, its.program, side.peer.file);
    if (!existsSync(file)) return;
    try {
      const process = new PeerProcess(side.name, side.peer.command());
      open.push(process);
      const request = { prepare: file, layout, options: { ...options, precision } };
      const { sample, version, absent, error, flops = side.flops } = await process.ask(request);
      if (version) versions.set(side.peer.name, version);
      if (sample) ready.push({ process, sample, flops });
      else failed.push({ name: side.name, notRun: absent ?? `failed: ${error}` });
    } catch (error) {
      if (!(error instanceof Absent)) throw error;
      failed.push({ name: side.name, notRun: error.message });
    }
  };
  try {
    const layout = writeInputs(folder, 'inputs', its.inputs());
    for (const peer of peers) {
      if (its.without?.includes(peer.name)) continue;
      await prepare({ name: peer.name, peer, flops: its.flops }, layout, its.options);
    }
    const [us, ...others] = ready;
    if (us?.process.name !== ours) return { ...result, sides: failed, targets: [] };
    for (const other of others) {
      const difference = compare(us.sample, other.sample, its.tolerance ?? tolerances[precision]);
      if (difference === null) continue;
      failed.push({ name: other.process.name, notRun: `computes something else: ${difference}` });
      ready.splice(ready.indexOf(other), 1);
    }
    const self = peers.find((peer) => peer.name === ours);
    for (const [name, variant] of Object.entries(its.variants ?? {})) {
      if (!self) continue;
      const inputs = variant.inputs ? writeInputs(folder, name, variant.inputs()) : layout;
      const flops = variant.flops ?? its.flops;
      await prepare({ name, peer: self, flops }, inputs, { ...its.options, ...variant.options });
    }
    const timings = await measure(
      ready.map(({ process }) => process),
      options,
    );
    const memories = await Promise.all(
      ready.map(
        async ({ process }) => ((await process.ask({ memory: true })).bytes ?? 0) / 2 ** 20,
      ),
    );
    const effort = (i: number): number => (timings[i]?.median ?? 0) / (ready[i]?.flops ?? 1);
    const sides = timings.map(({ name, median, quartiles }, i): SideResult => {
      const flops = ready[i]?.flops;
      const gigaflops = flops === undefined ? {} : { gigaflops: flops / median / 1e6 };
      const mebibytes = Math.round(memories[i] ?? 0);
      const ratio = effort(i) / effort(0);
      return { name, milliseconds: median, quartiles, ...gigaflops, mebibytes, ratio };
    });
    const all = [...sides, ...failed];
    return { ...result, sides: all, targets: (its.targets ?? []).map((t) => judge(t, all)) };
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
    return { ...result, sides: [{ name: ours, notRun: error.message }], targets: [] };
  } finally {
    for (const process of open) process.close();
    rmSync(folder, { recursive: true });
  }
}

const tolerances = { float32: 2e-4, float64: 1e-8 } as const;

function judge(target: Target, sides: readonly SideResult[]): TargetResult {
  if ('milliseconds' in target) {
    const text = `at most ${target.milliseconds} ms`;
    const time = sides.find(({ name }) => name === ours)?.milliseconds;
    if (time === undefined) return { text, measured: 'not run' };
    return { text, measured: `${format(time)} ms`, factor: target.milliseconds / time };
  }
  const { side, atMost } = target;
  const text =
    atMost >= 1
      ? `at most ${format(atMost)}x ${side}`
      : `${format(1 / atMost)}x faster than ${side}`;
  const ratio = sides.find(({ name }) => name === side)?.ratio;
  if (ratio === undefined) return { text, measured: 'not run' };
  const measured = atMost >= 1 ? `${format(1 / ratio)}x` : `${format(ratio)}x faster`;
  return { text, measured, factor: atMost * ratio };
}

/** Three digits, without an exponent. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : `${Number(value.toPrecision(3))}`;
}
