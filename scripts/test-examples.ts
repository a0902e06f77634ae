import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { expectedLines, type Load, runExample } from '../docs/run-example.ts';

/** The TypeScript blocks of a Markdown page, each with the line that it starts on. */
export function codeBlocks(markdown: string): { line: number; source: string }[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    source: match[1] ?? '',
  }));
}

/** Runs one example and fails unless it prints exactly the lines that its `// →` comments promise. */
export async function checkExample(source: string, load: Load): Promise<void> {
  const expected = expectedLines(source);
  if (expected.length === 0) {
    throw new Error('The example shows no result: print one and write it after `// →`.');
  }
  const printed: string[] = [];
  await runExample(source, load, (line) => printed.push(line));
  expect(printed).toEqual(expected);
}

/** Declares the tests of a Markdown page: it has examples, and each prints what it says. */
export function testPage(path: string, from: string): void {
  const page = readFileSync(new URL(path, from), 'utf8');
  const blocks = codeBlocks(page);
  test(`${path} has an example`, () => {
    expect(blocks).not.toEqual([]);
  });
  for (const { line, source } of blocks) {
    test(`the example of ${path} at line ${line} prints what it says`, () =>
      checkExample(source, loader(from)));
  }
}

/** Finds packages as the module at `from` would. */
export function loader(from: string): Load {
  const { resolve } = createRequire(from);
  return (name) => import(pathToFileURL(resolve(name)).href);
}
