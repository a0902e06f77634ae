import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeVersion } from '../src/code-version.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'acceptance-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('the version changes with the content of sources, committed or not, and with nothing else', () => {
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@e', ...args], { cwd: root });
  };
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  git('init', '-q');
  mkdirSync(join(root, 'packages/one/src/deep'), { recursive: true });
  mkdirSync(join(root, 'apps/two/src'), { recursive: true });
  write('packages/one/src/deep/a.ts', '1');
  const seen = [codeVersion(root)];
  write('apps/two/results.json', '{}');
  expect(codeVersion(root)).toBe(seen[0]);
  write('packages/one/src/deep/a.ts', '2');
  seen.push(codeVersion(root));
  git('add', '.');
  git('commit', '-qm', 'all');
  expect(codeVersion(root)).toBe(seen[1]);
  write('packages/one/src/deep/a.ts', '3');
  seen.push(codeVersion(root));
  write('apps/two/src/b.ts', '');
  seen.push(codeVersion(root));
  write('README.md', 'words');
  git('add', 'README.md');
  git('commit', '-qm', 'words');
  expect(codeVersion(root)).toBe(seen.at(-1));
  expect(new Set(seen).size).toBe(4);
});

test('without git there is one version', () => {
  expect(codeVersion(join(root, 'nowhere'))).toBe(codeVersion(root));
});
