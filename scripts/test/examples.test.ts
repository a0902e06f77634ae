import { expect, test } from 'vitest';
import { checkExample, codeBlocks } from '../test-examples.ts';

const none = async (name: string): Promise<unknown> => {
  throw new Error(`no package ${name} here`);
};

test('finds the TypeScript blocks of a page and leaves the other blocks alone', () => {
  const page = ['# Title', '```sh', 'npm test', '```', '```ts', 'f();', 'g();', '```', ''].join(
    '\n',
  );
  expect(codeBlocks(page)).toEqual([{ line: 5, source: 'f();\ng();\n' }]);
});

test('accepts an example that prints its promised lines in order', async () => {
  const source =
    "const x: number = 3;\nconsole.log('x', x); // → x 3\nconsole.log([x, -0]); // → [ 3, -0 ]";
  await checkExample(source, none);
});

test('rejects an example that prints another value, too few lines or too many', async () => {
  await expect(checkExample('console.log(3); // → 4', none)).rejects.toThrow();
  await expect(checkExample('console.log(3); // → 3\n// → 4', none)).rejects.toThrow();
  await expect(checkExample('console.log(3); // → 3\nconsole.log(4);', none)).rejects.toThrow();
});

test('rejects an example that promises nothing', async () => {
  await expect(checkExample('console.log(3);', none)).rejects.toThrow('shows no result');
});

test('loads what an example imports, over several lines too', async () => {
  const source = "import {\n  half,\n} from 'numbers';\n\nconsole.log(half(3)); // → 1.5";
  const load = async (name: string): Promise<unknown> =>
    name === 'numbers' ? { half: (x: number) => x / 2 } : none(name);
  await checkExample(source, load);
  await expect(checkExample(source, none)).rejects.toThrow('no package numbers');
});
