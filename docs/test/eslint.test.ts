// The lint rule of @grad/core. It is tested here, where TypeScript has the interface that
// typescript-eslint needs.

import { fileURLToPath } from 'node:url';
import { plugin, recommended } from '@grad/core/eslint';
import parser from '@typescript-eslint/parser';
import { ESLint, type Linter, RuleTester } from 'eslint';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const rule = plugin.rules['no-tensor-condition'];
if (!rule) throw new Error('The plugin lacks the rule.');

RuleTester.describe = describe;
RuleTester.it = test;

const languageOptions = {
  parser,
  parserOptions: {
    projectService: { allowDefaultProject: ['*.ts'], defaultProject: 'tsconfig.json' },
    tsconfigRootDir: root,
  },
} as const;

/** A file in which x, y are tensors, n a number, and so on. */
function withTensors(code: string): string {
  return [
    "import type { Tensor } from '@grad/core';",
    'declare const x: Tensor, y: Tensor, n: number, flag: boolean, maybe: Tensor | undefined;',
    'declare const either: Tensor | number, list: Tensor[], text: string;',
    'declare let z: Tensor;',
    code,
  ].join('\n');
}

const filename = `${root}rule.ts`;
const valid = (code: string) => ({ filename, code: withTensors(code) });
const invalid = (code: string, ...messageIds: string[]) => ({
  filename,
  code: withTensors(code),
  errors: messageIds.map((messageId) => ({ messageId })),
});

new RuleTester({ languageOptions }).run('no-tensor-condition', rule, {
  valid: [
    valid('if (flag && n > 0) n;'),
    valid('if (x.item() > 0) x;'),
    valid('if (x.shape.length === 2 || x.ndim < 1) x;'),
    valid('if (maybe) maybe.add(1);'),
    valid('const w = maybe ?? x;'),
    valid('const w = maybe || x;'),
    valid('const w = maybe && maybe.add(1);'),
    valid('if (x === y) x; if (x != null) x; if (maybe == undefined) x;'),
    valid(['const w = `$', '{x}`; const t = typeof x;'].join('')),
    valid('while (n < 3) n; do {} while (flag); for (;;) break;'),
    valid('const w = n > 0 ? x : y;'),
    valid('z = x.mul(2); let k = 0; k += 1; k++;'),
    valid('if (list.length) x; const w = -n + +text;'),
    valid('const w = !maybe;'),
  ],
  invalid: [
    invalid('if (x) y;', 'condition'),
    invalid('if (x.gt(0)) y;', 'condition'),
    invalid('while (x.lt(y)) z;', 'condition'),
    invalid('do {} while (x);', 'condition'),
    invalid('for (; x; ) z;', 'condition'),
    invalid('const w = x.gt(0) ? 1 : 2;', 'condition'),
    invalid('const w = x && y;', 'condition'),
    invalid('if (x || y) z;', 'condition', 'condition'),
    invalid('if (flag && x) y;', 'condition'),
    invalid('if (!x) y;', 'not'),
    invalid('const w = x + y;', 'operator'),
    invalid(
      'const w = 2 * x, u = x - 1, v = x / n, t = x ** 2, s = x % 2;',
      ...Array<string>(5).fill('operator'),
    ),
    invalid('if (x > 0) y;', 'operator'),
    invalid('const w = x <= y, u = x < n, v = x >= 1;', 'operator', 'operator', 'operator'),
    invalid('const w = x == y, v = x != y;', 'operator', 'operator'),
    invalid('const w = -x, v = +x, u = ~x;', 'operator', 'operator', 'operator'),
    invalid('z += x; z *= 2;', 'operator', 'operator'),
    invalid('z++;', 'operator'),
    invalid('const w = text + x;', 'operator'),
    invalid('const w = either + 1;', 'operator'),
    invalid('function f<T extends Tensor>(a: T) { if (a) return a + 1; }', 'condition', 'operator'),
    invalid('function f(a: Tensor & { readonly unit: string }) { if (a) return; }', 'condition'),
    invalid('const [a] = list; if (a.at(0)) x;', 'condition'),
  ],
});

describe('the configuration', () => {
  const config: Linter.Config[] = [{ files: ['**/*.ts'], languageOptions }, recommended];

  test('finds nothing in the examples of the guide', async () => {
    const eslint = new ESLint({ cwd: root, overrideConfigFile: true, baseConfig: config });
    const results = await eslint.lintFiles(['examples/*.ts']);
    expect(results.length).toBeGreaterThan(5);
    expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  });

  test('says which function to use', async () => {
    const eslint = new ESLint({ cwd: root, overrideConfigFile: true, baseConfig: config });
    const [result] = await eslint.lintText(withTensors('const w = x + y; if (x) y;'), {
      filePath: filename,
    });
    expect(result?.messages.map(({ message }) => message)).toEqual([
      '+ does not work on tensors. Use add.',
      expect.stringMatching(/^A tensor is always true here\. Choose with where, cond or whileLoop/),
    ]);
  });

  test('says what it needs where the parser knows no types', async () => {
    const eslint = new ESLint({ cwd: root, overrideConfigFile: true, baseConfig: [recommended] });
    await expect(eslint.lintText('if (x) y;')).rejects.toThrow(
      /no-tensor-condition needs types: use the parser of typescript-eslint with projectService/,
    );
  });
});
