import { build } from 'vite';

/** The minified code of a page whose entry has the given source; it may import `@grad/core`. */
export async function bundle(source: string): Promise<string> {
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
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
  });
  const files = [output].flat().flatMap((result) => ('output' in result ? result.output : []));
  return files.map((file) => ('code' in file ? file.code : '')).join('');
}
