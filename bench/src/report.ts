import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { FigureResult } from './figures.ts';
import { ours, peers } from './peers.ts';
import {
  type CaseResult,
  format,
  type SideResult,
  type TargetResult,
  versions,
} from './run-case.ts';

/** Cases in the table of memory; results.json has them all. */
const mostInMemoryTable = 15;

function time({ milliseconds, gigaflops, notRun }: SideResult): string {
  if (milliseconds === undefined) return notRun ?? 'not run';
  const rate = gigaflops === undefined ? '' : ` (${format(gigaflops)} GFLOP/s)`;
  return `${format(milliseconds)} ms${rate}`;
}

function verdict({ factor }: TargetResult): string {
  if (factor === undefined) return '';
  return factor >= 1 ? `met, by ${format(factor)}` : `**missed, by ${format(1 / factor)}**`;
}

/** A case as lines of text. */
export function describe({ group, name, precision, sides, targets }: CaseResult): string {
  return [
    `${group}: ${name}, ${precision}`,
    ...sides.map((side) => {
      const ratio =
        side.ratio === undefined || side.name === ours ? '' : `, ${format(side.ratio)}x ours`;
      return `  ${side.name}: ${time(side)}${ratio}`;
    }),
    ...targets.map((target) => `  - ${target.text}: ${target.measured} ${verdict(target)}`),
  ].join('\n');
}

/** How a figure compares with what is asked of it. */
function figureVerdict({ value, atMost }: FigureResult): string {
  if (value === undefined || atMost === undefined) return '';
  return verdict({ text: '', measured: '', factor: atMost / value });
}

function figureValue({ value, unit, notRun }: FigureResult): string {
  return value === undefined ? `not run: ${notRun}` : `${format(value)} ${unit}`;
}

/** A figure as a line of text. */
export function describeFigure(figure: FigureResult): string {
  return `${figure.group}: ${figure.name}: ${figureValue(figure)} ${figureVerdict(figure)}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** The sides of the cases of one group as columns. */
function groupTable(results: readonly CaseResult[]): string {
  const names = [...new Set(results.flatMap(({ sides }) => sides.map(({ name }) => name)))];
  const cell = (side: SideResult | undefined): string => {
    if (side?.milliseconds === undefined) return side ? 'not run' : '';
    const ratio = side.name === ours ? '' : ` = ${format(side.ratio ?? Number.NaN)}x`;
    return `${time(side)}${ratio}`;
  };
  const rows = results.map(({ name, precision, sides }) => [
    name,
    precision,
    ...names.map((column) => cell(sides.find(({ name }) => name === column))),
  ]);
  return table(['case', 'dtype', ...names], rows);
}

/** The most memory of each side's process, for the cases in which ours takes the most. */
function memoryTable(results: readonly CaseResult[]): string {
  const ourMemory = ({ sides }: CaseResult): number =>
    sides.find(({ name }) => name === ours)?.mebibytes ?? 0;
  const largest = results
    .toSorted((a, b) => ourMemory(b) - ourMemory(a))
    .slice(0, mostInMemoryTable);
  const names = peers
    .map(({ name }) => name)
    .filter((peer) =>
      largest.some(({ sides }) => sides.some(({ name, mebibytes }) => name === peer && mebibytes)),
    );
  const rows = largest.map(({ name, precision, sides }) => [
    name,
    precision,
    ...names.map((peer) => `${sides.find(({ name }) => name === peer)?.mebibytes ?? ''}`),
  ]);
  return table(['case', 'dtype', ...names], rows);
}

function notRun(results: readonly CaseResult[]): string {
  const reasons = results.flatMap(({ name, sides }) =>
    sides.flatMap((side) => (side.notRun ? [`- ${name}, ${side.name}: ${side.notRun}`] : [])),
  );
  return reasons.length === 0 ? 'Everything ran.' : reasons.join('\n');
}

function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} x ${cpu?.model.trim() ?? 'an unknown processor'}, ${memory} GiB, ${type()}; load ${loadavg()[0]?.toFixed(1)}`;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** Writes RESULTS.md and results.json. */
export function write(
  folder: string,
  results: readonly CaseResult[],
  figures: readonly FigureResult[],
): void {
  const about = {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: machine(),
    node: `${process.version}, V8 ${process.versions.v8}`,
    versions: Object.fromEntries(versions),
  };
  const groups = [...new Set(results.map(({ group }) => group))];
  const targets = results.flatMap(({ name, precision, targets }) =>
    targets.map((target) => [
      `${name}, ${precision}`,
      target.text,
      target.measured,
      verdict(target),
    ]),
  );
  const text = `# Results

Written by \`npm run bench\`; [README.md](README.md) says how times are taken. A ratio is the other
side's time over ours: above 1, ours is faster.

- ${about.date}, commit ${about.commit}
- ${about.machine}
- Node ${about.node}
${[...versions].map(([name, version]) => `- ${name} ${version}`).join('\n')}

## Targets

${table(['case', 'target', 'measured', 'verdict'], targets)}

${groups
  .map(
    (group) => `## ${group}\n\n${groupTable(results.filter((result) => result.group === group))}`,
  )
  .join('\n\n')}

## Compilation, start, size, threads and memory

${table(
  ['figure', 'value', 'at most', 'verdict'],
  figures.map((figure) => [
    figure.name,
    figureValue(figure),
    figure.atMost === undefined ? '' : `${figure.atMost} ${figure.unit}`,
    figureVerdict(figure),
  ]),
)}

## Memory

The most that a side's process has taken, with its runtime and library, in MiB: the cases in which ours
takes the most.

${memoryTable(results)}

## Not run

${notRun(results)}
`;
  writeFileSync(join(folder, 'RESULTS.md'), text);
  writeFileSync(
    join(folder, 'results.json'),
    `${JSON.stringify({ ...about, results, figures }, null, 2)}\n`,
  );
}
