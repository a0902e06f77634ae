import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names the sources that figures depend on by their content, committed or not: results of others are
 * measured again. Without git all have the same name.
 */
export function codeVersion(root: string): string {
  const hash = createHash('sha256');
  for (const file of sourceFiles(root)) {
    // A file that is deleted and not committed is still listed.
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

function sourceFiles(root: string): string[] {
  const args = ['ls-files', '-co', '--exclude-standard', 'packages/*/src/*', 'apps/*/src/*'];
  try {
    const list = execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    return list.split('\n').filter((file) => file !== '');
  } catch {
    return [];
  }
}
