/** `npm run accuracy -- [--count N] [--function NAME]`: see `../README.md`. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exit, version, versions } from 'node:process';
import { parseArgs } from 'node:util';
import { jit, type Tensor, tensor } from '../../packages/core/src/index.ts';
import { installPeers } from '../src/install.ts';
import { python } from '../src/peers.ts';
import { argumentsOf, type Subject, subjects } from './subjects.ts';

const { values } = parseArgs({
  options: {
    /** Arguments of each function in each precision. */
    count: { type: 'string', default: '2000' },
    /** Measures functions whose name contains this, and writes nothing. */
    function: { type: 'string', default: '' },
  },
});

installPeers();
const { numpy: np } = await import('@jax-js/jax');
const { start } = await import('../src/peers/start-jax-js.ts');

type Precision = 'float64' | 'float32';
const formats = {
  float64: { digits: 53, least: -1074, normal: 2 ** -1022, most: Number.MAX_VALUE },
  float32: { digits: 24, least: -149, normal: 2 ** -126, most: 2 ** 128 * (1 - 2 ** -24) },
} as const;

/** The distance of numbers next to each other at x. */
function lastPlace(x: number, precision: Precision): number {
  const { digits, least } = formats[precision];
  const size = Math.abs(x);
  let exponent = size === 0 ? least : Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent -= 1;
  if (2 ** (exponent + 1) <= size) exponent += 1;
  return 2 ** Math.max(exponent - digits + 1, least);
}

interface Errors {
  readonly largest: number;
  readonly at: string;
  readonly mean: number;
}

interface Row {
  readonly subject: Subject;
  readonly precision: Precision;
  readonly columns: readonly Float64Array[];
}

/** Errors of computed values in units in the last place of exact ones, given as sums of two. */
function errors(
  { subject, precision, columns }: Row,
  computed: Float64Array,
  exact: Float64Array,
  withSubnormals: boolean,
): Errors {
  const { most, normal } = formats[precision];
  let [largest, sum, at, counted] = [-1, 0, '', 0];
  computed.forEach((y, i) => {
    const [high = 0, low = 0] = exact.subarray(2 * i, 2 * i + 2);
    // Results that overflow are special values, which the tests hold to.
    if (!(Math.abs(high) <= most)) return;
    const isSmall = [high, ...columns.map((column) => column[i] ?? 0)].some(
      (x) => Math.abs(x) < normal,
    );
    if (isSmall && !withSubnormals) return;
    const scale = subject.aroundOne ? Math.max(Math.abs(high), 1) : high;
    const error = Math.abs(y - high - low) / lastPlace(scale, precision);
    const size = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    counted += 1;
    sum += size;
    if (size <= largest) return;
    largest = size;
    at = columns.map((column) => `${column[i]}`).join(', ');
  });
  return { largest, at, mean: sum / counted };
}

const typed = (column: Float64Array, precision: Precision): Float64Array | Float32Array =>
  precision === 'float32' ? Float32Array.from(column) : column;

function byUs({ subject, precision, columns }: Row): Float64Array {
  const args: Tensor[] = columns.map((column) => tensor(typed(column, precision)));
  return Float64Array.from(jit(subject.ours)(...args).dataSync());
}

function byEngine({ subject, precision, columns }: Row): Float64Array | undefined {
  const f: unknown = Reflect.get(Math, subject.name);
  if (precision === 'float32' || typeof f !== 'function') return undefined;
  return Float64Array.from(columns[0] ?? [], (_, i) => f(...columns.map((column) => column[i])));
}

const namesInJaxJs = {
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  atan2: 'arctan2',
  asinh: 'arcsinh',
  acosh: 'arccosh',
  atanh: 'arctanh',
} as const;

async function byJaxJs({ subject, precision, columns }: Row): Promise<Float64Array | undefined> {
  const f: unknown = Reflect.get(np, Reflect.get(namesInJaxJs, subject.name) ?? subject.name);
  if (precision === 'float64' || typeof f !== 'function') return undefined;
  const args = columns.map((column) => np.array(Float32Array.from(column)));
  return Float64Array.from(await f(...args).data());
}

function doubles(file: string): Float64Array | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const chosen = subjects.filter(({ name }) => name.includes(values.function));
const rows: Row[] = chosen.flatMap((subject) =>
  (['float64', 'float32'] as const).map((precision) => {
    const columns = argumentsOf(subject, precision, Number(values.count));
    return { subject, precision, columns };
  }),
);
if (rows.length === 0) throw new Error(`No function's name contains "${values.function}".`);
if (!existsSync(python())) {
  console.error('The exact values come from mpmath: `npm run bench:peers` installs it.');
  exit(1);
}

const jaxJs = await start();
const folder = mkdtempSync(join(tmpdir(), 'grad-accuracy-'));
const table: { row: Row; sides: Record<string, Errors> }[] = [];
let peers = '';
try {
  const index = rows.map(({ subject: { name }, precision, columns }) => ({
    name,
    precision,
    arguments: columns.length,
  }));
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  rows.forEach(({ columns }, i) => {
    writeFileSync(
      join(folder, `${i}.arguments`),
      Float64Array.from(columns.flatMap((column) => [...column])),
    );
  });
  const said = execFileSync(python(), [join(import.meta.dirname, 'reference.py'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  peers = `${said}`.trim().split('\n').at(-1) ?? '';
  for (const [i, row] of rows.entries()) {
    const exact = doubles(join(folder, `${i}.exact`));
    if (!exact) throw new Error(`There are no exact values of ${row.subject.name}.`);
    const computed = {
      ours: byUs(row),
      V8: byEngine(row),
      PyTorch: doubles(join(folder, `${i}.torch`)),
      JAX: doubles(join(folder, `${i}.jax`)),
      'jax-js': await byJaxJs(row),
    };
    const sides = Object.entries(computed).flatMap(([name, y]) =>
      y ? [[name, errors(row, y, exact, name === 'ours')] as const] : [],
    );
    table.push({ row, sides: Object.fromEntries(sides) });
    const shown = sides.map(([name, { largest }]) => `${name} ${format(largest)}`).join(', ');
    console.log(`${row.subject.name}, ${row.precision}: ${shown}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function format(ulps: number): string {
  if (ulps === Number.POSITIVE_INFINITY) return 'wrong';
  return ulps < 100 ? ulps.toFixed(2) : ulps.toExponential(1);
}

function lines(precision: Precision): string[] {
  const names = ['ours', 'V8', 'PyTorch', 'JAX', 'jax-js'].filter((name) =>
    table.some(({ row, sides }) => row.precision === precision && sides[name]),
  );
  return [
    `| function | ${names.join(' | ')} | ours, mean | ours is worst at |`,
    `| --- |${' --- |'.repeat(names.length + 2)}`,
    ...table
      .filter(({ row }) => row.precision === precision)
      .map(({ row: { subject }, sides }) => {
        const cells = names.map((name) => (sides[name] ? format(sides[name].largest) : ''));
        const unit = subject.aroundOne ? ' *' : '';
        const { mean = 0, at = '' } = sides['ours'] ?? {};
        return `| ${subject.name}${unit} | ${cells.join(' | ')} | ${format(mean)} | ${at} |`;
      }),
  ];
}

if (values.function === '') {
  const text = [
    '# Accuracy',
    '',
    'Written by `npm run accuracy`: the largest error of each function over',
    `${values.count} arguments of its domain (\`accuracy/subjects.ts\` has the ranges), in units in the last place of`,
    'the exact value, which mpmath computes with 240 bits. A correctly rounded result is off by at most 0.5.',
    'Special values are the business of the tests. "wrong" is NaN or infinite where the value is a number.',
    'Subnormal arguments and results count for ours alone: JAX and jax-js take them for zeros.',
    '',
    `- Node ${version}, V8 ${versions.v8}`,
    `- ${peers}`,
    `- jax-js ${jaxJs}, in float32; in float64 it computes these functions in single precision`,
    '',
    '## float64',
    '',
    ...lines('float64'),
    '',
    '## float32',
    '',
    ...lines('float32'),
    '',
    '\\* in units in the last place of max(|y|, 1), because the function has zeros that are no numbers of',
    'the format.',
    '',
  ];
  writeFileSync(join(import.meta.dirname, '..', 'ACCURACY.md'), text.join('\n'));
}
exit(0);
