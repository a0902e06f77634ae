import { explain, grad, program, scan, type Tensor, tanh, tensor } from '@grad/core';
import { expect, test } from 'vitest';

const decay = (x: Tensor): Tensor => scan((c) => [tanh(c), null], x, null, { length: 5 })[0].sum();

test('a Program prints one equation a line, loops with their bodies', () => {
  const recorded = program(decay)(tensor([1, 2, 3]));
  expect(recorded.equationCount).toBe(3);
  expect(String(recorded)).toBe(
    [
      '(a: f64[3]) => {',
      '  b: f64[3] = scan[body=(a: f64[3]) => {',
      '    b: f64[3] = tanh a',
      '    return b',
      '  } consts=0 carry=1 length=5 reverse=false] a',
      '  c: f64[] = sum[axes=[0]] b',
      '  return c',
      '}',
    ].join('\n'),
  );
});

test('a Program shows itself as text in the console of Node', () => {
  const recorded = program(tanh)(1);
  const inspect = Reflect.get(recorded, Symbol.for('nodejs.util.inspect.custom'));
  expect(inspect()).toBe(String(recorded));
});

test('the derivative of a loop saves one array for each step of a tanh', () => {
  const text = String(program(grad(decay))(tensor([1, 2, 3])));
  expect(text.match(/f64\[5,3\]/g)).toHaveLength(1);
});

test('explain names the kernels, their arrays and the loop that calls them', () => {
  const text = explain(grad(decay), tensor([1, 2, 3]));
  expect(text).toContain('24 B in, 24 B out');
  expect(text).toContain('in order for t < 5:');
  expect(text).toMatch(/k0 .*tanh/);
});
