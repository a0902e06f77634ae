import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names the state of the sources that figures depend on, committed or not: results of another state
 * are measured again. Without git every state has the same name.
 */
export function codeVersion(root: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const sources = [':packages/*/src', ':apps/*/src'];
  try {
    const hash = createHash('sha256').update(git('ls-files', '-s', ...sources));
    hash.update(git('diff', ...sources));
    for (const file of git('ls-files', '-o', '--exclude-standard', ...sources).split('\n')) {
      if (file !== '') hash.update(file).update(readFileSync(join(root, file)));
    }
    return hash.digest('hex').slice(0, 12);
  } catch {
    return 'unknown';
  }
}
