import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { codeBlocks } from '../../scripts/test-examples.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The examples of every README as files beside it, where they find the packages they import. */
function exampleFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const readme of globSync('{README,packages/*/README}.md', { cwd: root })) {
    // The root has no packages; the site has all of them.
    const folder = readme === 'README.md' ? 'docs' : dirname(readme);
    for (const { line, source } of codeBlocks(readFileSync(join(root, readme), 'utf8'))) {
      files.set(join(root, folder, `${basename(readme)}-${line}.ts`), source);
    }
  }
  return files;
}

test('the examples of the READMEs have no type errors', () => {
  const files = exampleFiles();
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'docs/tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  );
  const options: ts.CompilerOptions = { ...config?.options, types: [] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const source = files.get(name);
    return source === undefined
      ? getSourceFile(name, target, ...rest)
      : ts.createSourceFile(name, source, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const diagnostics = [...files.keys()].flatMap((name) => {
    const file = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  expect(ts.formatDiagnostics(diagnostics, host)).toBe('');
  expect(files.size).toBeGreaterThan(0);
});
