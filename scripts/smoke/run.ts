// Installs the packed `@grad/core` into an empty project, as a user would, and runs a program there with
// each release of Node that the packages promise to support, with Bun and Deno, and as a page built
// for production, on its own thread and in a worker, isolated or not.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { chromiumArgs, chromiumPath } from '../chromium.ts';
import { installNode, installTool } from '../npm-tools.mjs';
import { pack, run } from '../pack.ts';

const releases = ['22.0.0', '24.21.0', '26.10.0'];
const bun = '1.4.5';
const deno = '2.9.6';

/** The files of the program, which import the package by its name. */
const program = ['checks.mjs', 'main.mjs', 'worker.mjs', 'page.mjs', 'page-worker.mjs'];

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
/** What the pages on dependencies and threads say that a policy has to allow. */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

function hosts(): [command: string, ...args: string[]][] {
  const nodes = releases.map((release): [string] => [join(installNode(release), 'node')]);
  if (platform !== 'linux' || arch !== 'x64') return nodes;
  const bunPackage = '@oven/bun-linux-x64';
  const denoPackage = '@deno/linux-x64-glibc';
  return [
    ...nodes,
    [join(installTool(bunPackage, bun), bunPackage, 'bin', 'bun')],
    [join(installTool(denoPackage, deno), denoPackage, 'deno'), 'run', '--allow-all'],
  ];
}

/** Builds the page, serves it, and opens it with and without isolation, under a strict policy. */
async function inBrowser(root: string): Promise<void> {
  if (!chromiumPath) {
    console.log('No Chromium: the page is left out.');
    return;
  }
  writeFileSync(join(root, 'index.html'), '<script type="module" src="/page.mjs"></script>');
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { target: 'es2023' },
    worker: { format: 'es' },
  });
  const browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArgs });
  try {
    for (const headers of [isolation, {}]) {
      const all = { ...headers, 'Content-Security-Policy': policy };
      const server = await preview({
        configFile: false,
        root,
        logLevel: 'error',
        preview: { headers: all, port: 0 },
      });
      try {
        const page = await browser.newPage();
        await page.goto(server.resolvedUrls?.local[0] ?? '');
        const said = await page.evaluate('finished');
        const kind = headers === isolation ? 'isolated' : 'not isolated';
        if (`${said}`.startsWith('failed')) throw new Error(`Chromium, ${kind}: ${said}`);
        console.log(`Chromium ${browser.version()}, ${kind}: all is right, ${said}`);
      } finally {
        await server.close();
      }
    }
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'smoke-'));
try {
  const tarball = pack(join(import.meta.dirname, '..', '..', 'packages', 'core'), folder);
  const project = {
    private: true,
    type: 'module',
    dependencies: { '@grad/core': `file:${tarball}` },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  for (const file of program) cpSync(join(import.meta.dirname, file), join(folder, file));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  for (const [command, ...args] of hosts()) {
    console.log(run(command, [...args, 'main.mjs'], folder).trim());
  }
  await inBrowser(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
