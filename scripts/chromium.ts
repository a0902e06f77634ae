import { existsSync } from 'node:fs';

const paths = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser that tests use; undefined where none is installed, and then they run in Node only. */
export const chromiumPath: string | undefined = paths.find(existsSync);
if (process.env['REQUIRE_BROWSER'] && !chromiumPath) {
  throw new Error('REQUIRE_BROWSER is set, but no Chromium was found; set CHROMIUM_PATH.');
}

/** No first-run work and no background traffic; Playwright adds `--headless` and an empty profile. */
export const chromiumArgs: string[] = [
  '--no-sandbox',
  '--disable-gpu', // WebGPU still works: it runs on SwiftShader
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
