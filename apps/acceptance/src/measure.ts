import type { OutputStream } from '@grad/tour';
import { createProgress, verdict } from '@grad/tour';
import type { DataFolder } from './data-folder.ts';
import type { Line, LineContext } from './line.ts';
import { lineVerdict, type Result, type Results, shortfall } from './results.ts';
import type { NamedLine } from './selection.ts';

export interface MeasureOptions {
  readonly lines: readonly NamedLine[];
  readonly version: string;
  /** Whether lines that are done are measured again. */
  readonly again: boolean;
  readonly data: DataFolder | undefined;
  readonly output: OutputStream;
  /** Called with all results whenever one is added, and awaited: what it keeps survives Ctrl-C. */
  keep(results: Results): Promise<void>;
}

/** Measures the lines that are not done yet, one after the other, whatever becomes of each. */
export async function measure(before: Results, options: MeasureOptions): Promise<Results> {
  let results = before;
  const keep = async (more: Results): Promise<void> => {
    results = more;
    await options.keep(more);
  };
  const { lines, version, again, data, output } = options;
  for (const [index, { id, line }] of lines.entries()) {
    const place = `[${index + 1}/${lines.length}] ${id}`;
    if (line.run === undefined) {
      output.write(`${place}: ${whyNot(line)}\n`);
      continue;
    }
    const known = results.lines[id];
    if (!again && known?.version === version && known.error === undefined) {
      output.write(`${place}: ${lineVerdict(line, known)} (measured before)\n`);
      continue;
    }
    if (line.needsData === true && data === undefined) {
      output.write(`${place}: left out, since GRAD_DATA is not set\n`);
      continue;
    }
    output.write(`${place} ...\n`);
    const progress = createProgress(output, id);
    const context: LineContext = {
      data: data ?? noData,
      show: (stage, fraction) => progress.show(stage, fraction),
      async part(name, compute) {
        const path = `${id}/${name}`;
        const part = results.parts[path];
        if (part?.version === version) return part.value;
        const value = await compute();
        await keep({ ...results, parts: { ...results.parts, [path]: { version, value } } });
        return value;
      },
    };
    const result = await measureLine({ id, line }, version, context);
    progress.stop();
    const isOther = ([path]: readonly [string, unknown]): boolean => !path.startsWith(`${id}/`);
    await keep({
      lines: { ...results.lines, [id]: result },
      parts:
        result.error === undefined
          ? Object.fromEntries(Object.entries(results.parts).filter(isOther))
          : results.parts,
    });
    output.write(`${report(result)}${place}: ${lineVerdict(line, result)}\n`);
  }
  return results;
}

const whyNot = ({ elsewhere }: Line): string =>
  elsewhere === undefined ? 'not there yet' : `measured by ${elsewhere}`;

const noData: DataFolder = {
  path: refuse,
  text: refuse,
  bytes: refuse,
  table: refuse,
};

function refuse(): never {
  throw new Error('A line that reads data must say needsData.');
}

async function measureLine(
  { id, line }: NamedLine,
  version: string,
  context: LineContext,
): Promise<Result> {
  const start = performance.now();
  const seconds = (): number => Number(((performance.now() - start) / 1000).toPrecision(3));
  try {
    const rows = (await line.run?.(context)) ?? [];
    return { line: id, version, seconds: seconds(), rows };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { line: id, version, seconds: seconds(), rows: [], error: message };
  }
}

/** What went wrong, a line for each. */
function report({ rows, error }: Result): string {
  if (error !== undefined) return `    ${error}\n`;
  return rows
    .filter((row) => verdict(row) === 'missed')
    .map((row) => `    missed: ${row.what}: ${row.result} ${shortfall(row)}\n`)
    .join('');
}
