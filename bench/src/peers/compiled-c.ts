/** Compiles the floor of a case and makes it work: by clang for WebAssembly, or by gcc. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Layout, Reply } from '../process.ts';
import { Absent, type Inputs, type Options, type Work } from '../suite.ts';

const clang = process.env['GRAD_BENCH_CLANG'] ?? 'clang-14';
const gcc = process.env['GRAD_BENCH_GCC'] ?? 'gcc';
const flags = {
  'C to WASM': [
    '--target=wasm32',
    '-O3',
    '-msimd128',
    '-mbulk-memory',
    '-nostdlib',
    '-ffreestanding',
    '-fno-math-errno',
    '-Wl,--no-entry,--export-dynamic,--allow-undefined,-z,stack-size=1048576',
    '-Wno-incompatible-library-redeclaration',
  ],
  C: ['-O3', '-march=native', '-fno-math-errno', '-w'],
} as const;

type Kind = keyof typeof flags;

/** Extents and options as constants of the program. */
function constants(inputs: Inputs, options: Options): string[] {
  const ofInputs = Object.entries(inputs).flatMap(([name, { shape }], i) => [
    `-Din_${name}=${i}`,
    ...shape.map((extent, axis) => `-D${name}_${axis}=${extent}`),
  ]);
  const ofOptions = Object.entries(options).map(([name, value]) =>
    typeof value === 'number'
      ? `-D${name}=${value}`
      : `-D${name}_${`${value}`.replaceAll(/\W/g, '_')}`,
  );
  return [...ofInputs, ...ofOptions];
}

function build(kind: Kind, source: string, inputs: Inputs, options: Options): string {
  const compiler = kind === 'C' ? gcc : clang;
  const file = join(mkdtempSync(join(tmpdir(), 'grad-floor-')), 'floor');
  const args = [
    ...flags[kind],
    ...constants(inputs, options),
    `-I${import.meta.dirname}`,
    source,
    '-o',
    file,
  ];
  const { status, error, stderr } = spawnSync(compiler, kind === 'C' ? [...args, '-lm'] : args, {
    encoding: 'utf8',
  });
  if (error) throw new Absent(`no ${compiler} on this machine`);
  if (status !== 0) throw new Error(`${compiler}: ${stderr}`);
  return file;
}

type Functions = Readonly<Record<string, (...numbers: number[]) => number>>;

/** The logarithm of the gamma function for x > 0, by Stirling's series after a shift. */
function lgamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < 15) product *= shifted++;
  const r = 1 / (shifted * shifted);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / shifted;
  return (
    (shifted - 0.5) * Math.log(shifted) -
    shifted +
    Math.log(2 * Math.PI) / 2 +
    series -
    Math.log(product)
  );
}

function inWasm(file: string, inputs: Inputs): Work {
  const { exp, log, sin, cos, tanh } = Math;
  const module = new WebAssembly.Module(readFileSync(file));
  const instance = new WebAssembly.Instance(module, { env: { exp, log, sin, cos, tanh, lgamma } });
  const { memory, ...rest } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new Error(`${file} exports no memory.`);
  const functions: Functions = Object.fromEntries(
    Object.entries(rest).flatMap(([name, f]) =>
      typeof f === 'function' ? [[name, (...n: number[]) => Number(f(...n))]] : [],
    ),
  );
  const call = (name: string, ...numbers: number[]): number => {
    const f = functions[name];
    if (!f) throw new Error(`${file} exports no ${name}.`);
    return f(...numbers);
  };
  for (const [i, { data }] of Object.values(inputs).entries()) {
    const at = call('give', i, data.byteLength);
    new Uint8Array(memory.buffer, at).set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  call('prepare');
  const { run } = rest;
  if (typeof run !== 'function') throw new Error(`${file} exports no run.`);
  return {
    run: () => run(),
    output: () => {
      const kind = call('width') === 8 ? Float64Array : Float32Array;
      return new kind(memory.buffer, call('output'), call('outputs')).slice();
    },
  };
}

function onMachine(file: string, { file: data }: Layout, inputs: Inputs): Work {
  const sizes = Object.values(inputs).map(({ data }) => `${data.byteLength}`);
  const child = spawn(file, [data, ...sizes], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => answers.shift()?.(line));
  const ask = (command: string): Promise<number[]> =>
    new Promise((resolve) => {
      answers.push((line) => resolve(line.trim().split(/\s+/).map(Number)));
      child.stdin.write(`${command}\n`);
    });
  return {
    run: () => {},
    output: () => ask('o'),
    slice: async (time, clock): Promise<Reply> => {
      const [runs = 0, milliseconds = 0] = await ask(`s ${time} ${clock === 'wall' ? 1 : 0}`);
      return { runs, milliseconds };
    },
  };
}

export function compiled(kind: Kind): {
  version: string;
  prepare: (source: string) => Promise<(inputs: Inputs, options: Options, layout: Layout) => Work>;
} {
  const compiler = kind === 'C' ? gcc : clang;
  const version = ((): string => {
    try {
      return execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
    } catch {
      return '';
    }
  })();
  const prepare = async (source: string) => (inputs: Inputs, options: Options, layout: Layout) => {
    const file = build(kind, source, inputs, options);
    return kind === 'C' ? onMachine(file, layout, inputs) : inWasm(file, inputs);
  };
  return { version, prepare };
}
