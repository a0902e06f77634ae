import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Result } from './state.ts';

const repository = new URL('../../../../', import.meta.url);
const report = new URL('bench/MUTATION.md', repository);

/** What the report keeps from one run to the next: survivors that are explained, by hand. */
const heading = '## Survivors that are explained';

interface Run {
  readonly seed: number;
  /** How many mutants there are. */
  readonly all: number;
  readonly results: readonly Result[];
  readonly write: boolean;
}

/** Code in a table. */
function code(text: string): string {
  const short = text.length > 90 ? `${text.slice(0, 90)}…` : text;
  return `\`${short.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

function row({ file, line, before, after }: Result): string {
  return `| ${file.replace('src/', '')}:${line} | ${code(before)} | ${code(after)} |`;
}

/** Writes `bench/MUTATION.md` and gives its first table. */
export function writeReport({ seed, all, results, write }: Run): string {
  const of = (verdict: Result['verdict']): readonly Result[] =>
    results.filter((result) => result.verdict === verdict);
  const [refused, killed, hangs, survived, untested] = [
    of('refused'),
    of('killed'),
    of('hangs'),
    of('survived'),
    of('no test'),
  ];
  const alive = [...survived, ...untested].sort(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line,
  );
  const { text: kept, closed } = explained(alive);
  const open = alive.filter((result) => !closed.has(result));
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: fileURLToPath(repository),
  });
  const date = new Date().toISOString().slice(0, 10);
  const valid = results.length - refused.length;
  const share = ((100 * (killed.length + hangs.length)) / Math.max(1, valid)).toFixed(1);
  const table = `${results.length} of ${all} mutants, seed ${seed}, ${date}; commit ${commit.toString().trim()}, Node ${versions.node}.

| mutants | |
| --- | ---: |
| refused by the type checker | ${refused.length} |
| seen by a failing test | ${killed.length} |
| seen by a test that does not end | ${hangs.length} |
| survived, explained below | ${closed.size} |
| survived, open | ${open.length} |
| seen of those that the type checker lets pass | ${share} % |
`;
  if (!write) return table;
  const title = '| place | source | mutant |';
  const sections = [
    '# Mutants',
    'Written by `npm run mutate`; see `CONTRIBUTING.md`. A mutant is one small change of a file of\n`packages/core/src/{primitives,transforms,flow}`; tests should fail of it.',
    table.trim(),
    '## Survivors that are open',
    [title, '| --- | --- | --- |', ...open.map(row)].join('\n'),
    kept.trim() ||
      `${heading}\n\n| place | source | mutant | why no test can see it |\n| --- | --- | --- | --- |`,
  ];
  writeFileSync(report, `${sections.join('\n\n')}\n`);
  return table;
}

/** The explanations, at the lines where the sources are now, and the survivors that have one. */
function explained(alive: readonly Result[]) {
  const withoutLine = (text: string): string => text.replace(/:\d+ /, ' ');
  const closed = new Set<Result>();
  const lines = explanations()
    .split('\n')
    .map((line) => {
      const of = alive.filter((result) => withoutLine(line).startsWith(withoutLine(row(result))));
      const [first] = of;
      if (!first) return line;
      for (const result of of) closed.add(result);
      return row(first) + withoutLine(line).slice(withoutLine(row(first)).length);
    });
  return { text: lines.join('\n'), closed };
}

function explanations(): string {
  try {
    const text = readFileSync(report, 'utf8');
    const at = text.indexOf(heading);
    return at < 0 ? '' : text.slice(at);
  } catch {
    return '';
  }
}
