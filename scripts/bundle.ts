import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/** A file of a page. */
export interface BundledFile {
  readonly name: string;
  readonly code: string;
}

/** The minified code of a page. */
export interface Bundle {
  /** The file to start with, then those that it cannot do without. */
  readonly page: readonly BundledFile[];
  /** Files that are loaded when something asks for them. */
  readonly later: readonly BundledFile[];
}

/** The code of a page whose entry has the given source; it may import `@grad/core`. */
export async function bundle(source: string): Promise<Bundle> {
  const entry = `${import.meta.dirname}/entry.js`;
  const output = await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (name) => (name === entry ? name : null),
        load: (name) => (name === entry ? source : null),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        // What the entry exports stays, and files that are loaded later may take more from it.
        preserveEntrySignatures: 'allow-extension',
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  });
  const files = [output]
    .flat()
    .flatMap((result) => ('output' in result ? result.output : []))
    .filter((file) => file.type === 'chunk')
    .map(({ fileName: name, code, imports, isEntry }) => ({ name, code, imports, isEntry }));
  const page = files.filter(({ isEntry }) => isEntry);
  for (const { imports } of page) {
    page.push(...files.filter((file) => imports.includes(file.name) && !page.includes(file)));
  }
  return { page, later: files.filter((file) => !page.includes(file)) };
}

/** Writes a page to a folder; gives the path of the file to start with. */
export function writeBundle({ page, later }: Bundle, folder: string): string {
  const [entry] = page;
  if (entry === undefined) throw new Error('The page has no entry.');
  for (const { name, code } of [...page, ...later]) writeFileSync(join(folder, name), code);
  return join(folder, entry.name);
}
