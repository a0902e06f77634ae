import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { chromiumArgs, chromiumPath } from '../../scripts/chromium.ts';
import { expectedLines } from '../run-example.ts';

const docs = fileURLToPath(new URL('..', import.meta.url));

/** The pages of the guide, each with the names of the examples on it. */
const pages = globSync('guide/*.md', { cwd: docs }).flatMap((file) => {
  const page = readFileSync(`${docs}/${file}`, 'utf8');
  const names = [...page.matchAll(/<Example name="(.+?)" \/>/g)].map(([, name = '']) => name);
  return names.map((name) => [basename(file, '.md'), name] as const);
});

describe.skipIf(!chromiumPath)('on the built site', () => {
  let server: PreviewServer;
  let browser: Browser;

  beforeAll(async () => {
    const settings = { port: 0, host: '127.0.0.1' };
    server = await preview({ root: docs, configFile: false, preview: settings });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArgs });
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(name: string): Promise<Page> {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    onTestFinished(async () => {
      await page.close();
      expect(errors).toEqual([]);
    });
    await page.goto(`${server.resolvedUrls?.local[0]}guide/${name}.html`);
    return page;
  }

  /** Clicks until Vue has taken over the page, which may be after it is first shown. */
  async function runs(page: Page, example: string, output: unknown): Promise<void> {
    const box = page.locator('.example', {
      has: page.getByLabel(`Source of the example ${example}`),
    });
    await expect
      .poll(
        async () => {
          await box.getByRole('button', { name: 'Run' }).click();
          return box.locator('output').textContent();
        },
        { timeout: 30_000 },
      )
      .toEqual(output);
  }

  test('there are pages with examples', () => {
    expect(pages).toContainEqual(['first-gradient', 'first-gradient']);
  });

  test.for(pages)('a reader of %s runs the example %s', async ([name, example]) => {
    const page = await open(name);
    const source = await page.getByLabel(`Source of the example ${example}`).inputValue();
    const lines = expectedLines(source);
    expect(lines).not.toEqual([]);
    await runs(page, example, lines.join('\n'));
  });

  test('a reader changes an example, and is told what went wrong with it', async () => {
    const page = await open('first-gradient');
    const source = page.getByLabel('Source of the example first-gradient');
    const example =
      "import { tensor } from '@grad/core';\nconsole.log(tensor([1, 2]).mul(3).toArray());";
    await source.fill(example);
    await runs(page, 'first-gradient', '[ 3, 6 ]');
    await source.fill("import { vec } from '@grad/nowhere';");
    await runs(page, 'first-gradient', expect.stringContaining('no package @grad/nowhere'));
  });
});
