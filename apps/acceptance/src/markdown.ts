import { formatRow, type Row, verdict } from '@grad/tour';
import type { Area, Line } from './line.ts';
import { type LineVerdict, lineVerdict, type Results, shortfall } from './results.ts';

/** What the page says of the run. */
export interface Run {
  /** State of the code: lines that were measured with another one are marked. */
  readonly version: string;
  readonly machine: string;
}

/** The results as a page: what is missed first, then every line of every area. */
export function renderMarkdown(areas: readonly Area[], results: Results, run: Run): string {
  const judged = areas.flatMap((area) =>
    area.lines.map((line) => {
      const id = `${area.name}/${line.name}`;
      const result = results.lines[id];
      return { id, line, rows: result?.rows ?? [], verdict: lineVerdict(line, result) };
    }),
  );
  const count = (kind: LineVerdict): number => judged.filter((x) => x.verdict === kind).length;
  const kinds = ['met', 'missed', 'failed', 'elsewhere', 'not there yet', 'not run'] as const;
  const misses = judged.flatMap(({ id, rows }) =>
    rows
      .filter((row) => verdict(row) === 'missed')
      .map((row) => `- \`${id}\`: ${row.what}: ${formatRow(row).result}, ${shortfall(row)}\n`),
  );
  return [
    '# Figures against what must be shown\n\n',
    'Written by `npm run acceptance`. ',
    `${kinds.map((kind) => `${count(kind)} ${kind}`).join(', ')}, of ${judged.length} lines. `,
    `Seconds are those of ${run.machine}.\n`,
    misses.length === 0 ? '' : `\n## Missed\n\n${misses.join('')}`,
    ...areas.map((area) => renderArea(area, results, run)),
  ].join('');
}

function renderArea({ name, lines }: Area, results: Results, run: Run): string {
  return `\n## ${name}\n${lines.map((line) => renderLine(name, line, results, run)).join('')}`;
}

function renderLine(area: string, line: Line, { lines }: Results, { version }: Run): string {
  const result = lines[`${area}/${line.name}`];
  const older = result?.version === version ? '' : ', with other code';
  const time = result === undefined ? '' : `, ${result.seconds} s${older}`;
  const place = line.elsewhere === undefined ? '' : ` (\`${line.elsewhere}\`)`;
  const title = `\n### ${line.name}: ${lineVerdict(line, result)}${place}${time}\n\n${line.asks}\n`;
  if (result?.error !== undefined) return `${title}\n    ${result.error.split('\n')[0]}\n`;
  if (result === undefined || result.rows.length === 0) return title;
  return `${title}\n| what | figure | reference | difference | allowed | verdict |\n| --- | ---: | ---: | ---: | ---: | --- |\n${result.rows.map(renderRow).join('')}`;
}

function renderRow(row: Row): string {
  const { what, result, reference, difference, allowed, verdict: judged } = formatRow(row);
  const cells = [what, result, reference, difference, allowed, judged === 'none' ? '' : judged];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}
