/** `npm run bench -- [--case NAME] [--time MS]`: see `../README.md`. */

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FigureResult, figures, take } from './figures.ts';
import { installPeers } from './install.ts';
import { describe, describeFigure, write } from './report.ts';
import { type CaseResult, runCase } from './run-case.ts';
import type { Case } from './suite.ts';

const { values } = parseArgs({
  options: {
    /** Runs only cases whose program, group, name or precision contains this. */
    case: { type: 'string', default: '' },
    /** Milliseconds for each side of a case. */
    time: { type: 'string', default: '300' },
    /** Writes RESULTS.md and results.json also when not all cases ran. */
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

installPeers();
const root = join(import.meta.dirname, '..');
const files = globSync('cases/*/case.ts', { cwd: root }).sort();
const modules: { readonly cases: readonly Case[] }[] = await Promise.all(
  files.map((file) => import(join(root, file))),
);
const wanted = (text: string): boolean => text.includes(values.case);
const chosen = modules
  .flatMap(({ cases }) => cases)
  .filter(({ group, name, precision, program }) =>
    wanted(`${program} ${group} ${name} ${precision}`),
  );
const chosenFigures = figures.filter(({ group, name }) => wanted(`${group} ${name}`));
if (chosen.length + chosenFigures.length === 0) {
  throw new Error(`No case contains "${values.case}".`);
}

const results: CaseResult[] = [];
for (const its of chosen) {
  const result = await runCase(its, { time: Number(values.time), clock: 'processor' });
  results.push(result);
  console.log(describe(result));
}
const figureResults: FigureResult[] = [];
for (const figure of chosenFigures) {
  const result = await take(figure);
  figureResults.push(result);
  console.log(describeFigure(result));
}
if (values.case === '' || values.write) write(root, results, figureResults);
