import { writeFileSync } from 'node:fs';
import { compositions } from './compositions/index.ts';
import { examine } from './examine.ts';
import { measures } from './limits.ts';
import { renderPage } from './page.ts';

const all = compositions.map((composition) => {
  const found = examine(composition);
  process.stdout.write(`${composition.title}\n`);
  for (const { what, error, limit } of measures(found)) {
    const verdict = error <= limit ? '' : `   MISSED, ${limit} is allowed`;
    process.stdout.write(`  ${what}: ${error.toExponential(1)}${verdict}\n`);
  }
  return { composition, found };
});
writeFileSync(new URL('../../../docs/guide/compositions.md', import.meta.url), renderPage(all));
