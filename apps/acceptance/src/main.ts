import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import writeFileAtomic from 'write-file-atomic';
import { areas } from './areas/index.ts';
import { codeVersion } from './code-version.ts';
import { openDataFolder } from './data-folder.ts';
import { renderMarkdown } from './markdown.ts';
import { measure } from './measure.ts';
import { lineVerdict, readResults, writeResults } from './results.ts';
import { selectLines } from './selection.ts';

const home = join(import.meta.dirname, '..');

const program = new Command('npm run acceptance --')
  .description(
    'Measures every figure that @grad is to reach and writes RESULTS.md and results.json. Lines that\n' +
      'are done with the code as it is are left out, so a run that was stopped goes on where it was.',
  )
  .option('--only <names>', 'areas, or single lines as area/name, between commas')
  .option('--again', 'measure lines anew that are done')
  .option('--list', 'print the lines and measure none')
  .option('--out <folder>', 'where the results are written')
  .showHelpAfterError();
const { only, again = false, list = false, out } = program.parse().opts();
const folder = out === undefined ? home : resolve(process.env['INIT_CWD'] ?? '.', out);

const chosen = (() => {
  try {
    return selectLines(areas, only);
  } catch (error) {
    return program.error(error instanceof Error ? error.message : String(error));
  }
})();

if (list) {
  for (const { id, line } of chosen) {
    process.stdout.write(
      `${id}${line.run ? '' : ` (${line.elsewhere ?? 'not there yet'})`}: ${line.asks}\n`,
    );
  }
} else {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'results.json');
  const data = process.env['GRAD_DATA'];
  const version = codeVersion(join(home, '../..'));
  const machine = `Node ${process.versions.node} on ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`;
  const results = await measure(readResults(path), {
    lines: chosen,
    version,
    again,
    data: data === undefined ? undefined : openDataFolder(data),
    output: process.stdout,
    async keep(more) {
      await writeResults(path, more);
      const page = renderMarkdown(areas, more, { version, machine });
      await writeFileAtomic(join(folder, 'RESULTS.md'), page);
    },
  });
  const verdicts = chosen.map(({ id, line }) => lineVerdict(line, results.lines[id]));
  const count = (kind: string): number => verdicts.filter((each) => each === kind).length;
  const bad = count('missed') + count('failed');
  process.stdout.write(
    `${count('met')} met, ${count('missed')} missed, ${count('failed')} failed, ${count('not there yet')} not there yet, ${count('not run')} not run. See ${join(folder, 'RESULTS.md')}\n`,
  );
  process.exitCode = bad === 0 ? 0 : 1;
}
