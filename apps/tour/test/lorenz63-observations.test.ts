import { expect, test } from 'vitest';
import { readObservations } from '../src/jobs/weather/lorenz63/read-observations.ts';

function read(...rows: string[][]) {
  const lines = rows.map((cells, index) => ({ number: index + 1, cells }));
  const rules = { dt: 0.01, components: 3, maxSteps: 1000 };
  return readObservations({ path: 'o.csv', name: 'o.csv', lines }, rules);
}

const titles = ['time', 'index', 'value', 'error'];

test('times become steps', () => {
  expect(read(titles, ['0.1', '2', '-4.5e0', '1.4'], ['0.29', '0', '1', '2'])).toEqual([
    { step: 10, index: 2, value: -4.5, error: 1.4 },
    { step: 29, index: 0, value: 1, error: 2 },
  ]);
});

test('titles may be missing, and may be in any order and case', () => {
  const expected = [{ step: 10, index: 1, value: 3, error: 2 }];
  expect(read(['0.1', '1', '3', '2'])).toEqual(expected);
  expect(read(['Value', 'Time', 'ERROR', 'index'], ['3', '0.1', '2', '1'])).toEqual(expected);
});

test.for([
  [['0.105', '0', '1', '1'], "column 'time': expected a multiple of the time step 0.01"],
  [['-1', '0', '1', '1'], "column 'time': expected a time of 0 or more, found '-1'"],
  [['11', '0', '1', '1'], "column 'time': expected a time of at most 10 (1000 steps), found '11'"],
  [['0.1', '3', '1', '1'], "column 'index': expected a component of the state, 0 to 2, found '3'"],
  [['0.1', '0.5', '1', '1'], "column 'index': expected a component of the state"],
  [['0.1', '0', 'NaN', '1'], "column 'value': expected a finite decimal number, found 'NaN'"],
  [['0.1', '0', '1', '0'], "column 'error': expected a standard deviation above 0, found '0'"],
  [['0.1', '0', '1', '-2'], "column 'error': expected a standard deviation above 0, found '-2'"],
  [['0.1', '0', '1'], 'expected 4 columns (time, index, value, error), found 3'],
] as const)('the line %j is refused', ([cells, message]) => {
  expect(() => read(titles, ['0.2', '0', '1', '1'], [...cells])).toThrow(`o.csv:3: ${message}`);
});

test('observing the same thing twice is refused with both lines', () => {
  expect(() => read(['0.1', '0', '1', '1'], ['0.10', '0', '2', '1'])).toThrow(
    'o.csv:2: component 0 at time 0.1 was already observed in line 1',
  );
});

test('unknown titles are refused with what is missing', () => {
  expect(() => read(['time', 'index', 'value'], ['1', '0', '1'])).toThrow(
    "o.csv:1: expected the columns time, index, value, error, found 'time, index, value'; missing: error.",
  );
});

test('titles without observations are refused', () => {
  expect(() => read(titles)).toThrow('o.csv has no observations below its titles.');
});
