import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Area, Line } from '../src/line.ts';
import { renderMarkdown } from '../src/markdown.ts';
import { type MeasureOptions, measure } from '../src/measure.ts';
import { lineVerdict, type Results, readResults, writeResults } from '../src/results.ts';
import { atLeastRow, atMostRow, nearRow, plainRow, printedRow } from '../src/rows.ts';
import { selectLines } from '../src/selection.ts';

const nothing: Results = { lines: {}, parts: {} };
let printed = '';

async function run(
  lines: readonly Line[],
  before: Results = nothing,
  more: Partial<MeasureOptions> = {},
): Promise<Results> {
  const output = new PassThrough();
  output.on('data', (chunk) => {
    printed += chunk;
  });
  const area: Area = { name: 'area', lines };
  return await measure(before, {
    lines: selectLines([area], undefined),
    version: 'one',
    again: false,
    data: undefined,
    output,
    keep: async () => {},
    ...more,
  });
}

beforeEach(() => {
  printed = '';
});

const line = (name: string, run?: Line['run']): Line =>
  run === undefined ? { name, asks: 'asks' } : { name, asks: 'asks', run };
const good = line('good', () => [nearRow('x', 1, 1, 0)]);

describe('a run', () => {
  test('goes on after a line that fails, and says why it failed', async () => {
    const bad = line('bad', () => {
      throw new Error('out of luck');
    });
    const { lines } = await run([bad, good]);
    expect(lineVerdict(bad, lines['area/bad'])).toBe('failed');
    expect(lineVerdict(good, lines['area/good'])).toBe('met');
    expect(printed).toContain('out of luck');
  });

  test('says by how much a line is missed', async () => {
    const off = line('off', () => [
      atMostRow('error', 5, 3),
      atLeastRow('share', 0.5, 0.75),
      printedRow('digits', 1.245, '1.24'),
      printedRow('other digits', 1.28, '1.24'),
    ]);
    const { lines } = await run([off]);
    expect(lineVerdict(off, lines['area/off'])).toBe('missed');
    expect(printed).toContain('missed: error: 5 2 too much');
    expect(printed).toContain('missed: share: 0.5 0.25 too little');
    expect(printed).toContain('missed: other digits: 1.28 off by 0.04, 0.01 allowed');
    expect(printed).not.toContain('missed: digits');
  });

  test('does not take figures without a reference, or no figures, for met', async () => {
    const plain = line('plain', () => [plainRow('x', 1)]);
    const empty = line('empty', () => []);
    const { lines } = await run([plain, empty]);
    expect(lineVerdict(plain, lines['area/plain'])).toBe('missed');
    expect(lineVerdict(empty, lines['area/empty'])).toBe('missed');
  });

  test('leaves out what is done, until the code is another or it is asked for again', async () => {
    let count = 0;
    const counted = line('counted', () => {
      count++;
      return [nearRow('x', 1, 1, 0)];
    });
    const first = await run([counted]);
    await run([counted], first);
    expect(count).toBe(1);
    expect(printed).toContain('met (measured before)');
    await run([counted], first, { version: 'two' });
    await run([counted], first, { again: true });
    expect(count).toBe(3);
  });

  test('measures again what failed', async () => {
    let luck = false;
    const fickle = line('fickle', () => {
      if (!luck) throw new Error('not yet');
      return [nearRow('x', 1, 1, 0)];
    });
    const first = await run([fickle]);
    luck = true;
    const { lines } = await run([fickle], first);
    expect(lineVerdict(fickle, lines['area/fickle'])).toBe('met');
  });

  test('keeps the parts of a line that was interrupted, and drops them when it is done', async () => {
    const computed: string[] = [];
    let interrupted = true;
    const long = line('long', async ({ part }) => {
      const [a = 0] = await part('a', async () => {
        computed.push('a');
        return [1];
      });
      if (interrupted) throw new Error('interrupted');
      const [b = 0] = await part('b', async () => {
        computed.push('b');
        return [2];
      });
      return [nearRow('sum', a + b, 3, 0)];
    });
    const first = await run([long]);
    interrupted = false;
    const second = await run([long], first);
    expect(computed).toEqual(['a', 'b']);
    expect(lineVerdict(long, second.lines['area/long'])).toBe('met');
    expect(second.parts).toEqual({});
    await run([long], first, { version: 'two' });
    expect(computed).toEqual(['a', 'b', 'a', 'b']);
  });

  test('keeps every line as soon as it is done', async () => {
    const kept: string[][] = [];
    await run([good, line('other', () => [nearRow('x', 1, 1, 0)])], nothing, {
      keep: async ({ lines }) => {
        kept.push(Object.keys(lines));
      },
    });
    expect(kept).toEqual([['area/good'], ['area/good', 'area/other']]);
  });

  test('leaves out lines that need data which is not there, and those not there yet', async () => {
    const data: Line = { ...line('data', () => []), needsData: true };
    const cost: Line = { ...line('cost'), elsewhere: 'npm run bench' };
    const { lines } = await run([data, line('later'), cost]);
    expect(lines).toEqual({});
    expect(printed).toContain('area/data: left out, since GRAD_DATA is not set');
    expect(printed).toContain('area/later: not there yet');
    expect(printed).toContain('area/cost: measured by npm run bench');
  });
});

describe('results', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acceptance-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('come back from their file, numbers that are none included', async () => {
    const path = join(folder, 'results.json');
    expect(readResults(path)).toEqual(nothing);
    const results = await run([
      line('x', () => [nearRow('a', Number.NaN, 1, 0), plainRow('b', -Infinity)]),
    ]);
    await writeResults(path, results);
    expect(readFileSync(path, 'utf8')).toContain('"NaN"');
    expect(readResults(path)).toEqual(results);
  });

  test('make a page that lists misses first, and what is not there yet', async () => {
    const lines = [
      good,
      line('off', () => [atMostRow('error', 5, 3)]),
      line('later'),
      { ...line('cost'), elsewhere: 'npm run bench' },
    ];
    const results = await run(lines);
    const version = 'one';
    const page = renderMarkdown([{ name: 'area', lines }], results, { version, machine: 'M' });
    expect(page).toContain(
      '1 met, 1 missed, 0 failed, 1 elsewhere, 1 not there yet, 0 not run, of 4 lines',
    );
    expect(page).toContain('- `area/off`: error: 5, 2 too much');
    expect(page).toContain('### later: not there yet');
    expect(page).toContain('### cost: elsewhere (`npm run bench`)');
    const older = renderMarkdown([{ name: 'area', lines }], results, {
      version: 'two',
      machine: 'M',
    });
    expect(older).toContain('with other code');
    expect(page).not.toContain('with other code');
  });
});
