import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumArgs, chromiumPath } from '../../scripts/chromium.ts';
import { expectedLines } from '../run-example.ts';

async function siteUrl(): Promise<string> {
  const server = await preview({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    preview: { port: 0, host: '127.0.0.1' },
  });
  onTestFinished(() => server.close());
  const [url] = server.resolvedUrls?.local ?? [];
  if (!url) throw new Error('The preview server has no local address.');
  return url;
}

test.skipIf(!chromiumPath)(
  'a reader runs the example of the built page and changes it',
  async () => {
    const browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: chromiumArgs,
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));

    await page.goto(`${await siteUrl()}guide/first-gradient.html`);
    const source = page.getByRole('textbox', { name: 'Source of the example first-gradient' });
    const run = page.getByRole('button', { name: 'Run' });
    const output = page.locator('.example output');
    // The button works once Vue has taken over the page, which may be after it is first shown.
    const runs = async (lines: string[]): Promise<void> =>
      expect
        .poll(async () => {
          await run.click();
          return output.textContent();
        })
        .toBe(lines.join('\n'));

    const code = await source.inputValue();
    expect(expectedLines(code)).not.toEqual([]);
    await runs(expectedLines(code));

    await source.fill(
      "import { tensor } from '@grad/core';\nconsole.log(tensor([1, 2]).mul(3).toArray());",
    );
    await runs(['[ 3, 6 ]']);

    await source.fill("import { vec } from '@grad/nowhere';");
    await run.click();
    await expect.poll(() => output.textContent()).toContain('no package @grad/nowhere');
    expect(errors).toEqual([]);
  },
);
