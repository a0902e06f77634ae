import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { products } from './cases/products.ts';
import { floorOf } from './floor.ts';
import { measure } from './measure.ts';

const { values } = parseArgs({
  options: {
    /** Runs only cases whose group or name contains this. */
    case: { type: 'string', default: '' },
    /** Milliseconds of processor time for each side of a case. */
    time: { type: 'string', default: '300' },
  },
});

interface Result {
  readonly name: string;
  readonly precision: string;
  readonly milliseconds: number;
  readonly gigaflops: number;
  readonly floor: number;
}

const floors = { float32: floorOf('float32'), float64: floorOf('float64') };
const results: Result[] = [];
const chosen = products.filter(({ group, name }) => `${group} ${name}`.includes(values.case));
for (const { name, precision, flops, prepare } of chosen) {
  const floor = floors[precision];
  const sides = [
    { name: '@grad/core', run: prepare() },
    { name: 'floor', run: floor.run },
  ];
  const [ours, below] = measure(sides, Number(values.time));
  if (!ours || !below) continue;
  const result = {
    name,
    precision,
    milliseconds: ours.median,
    gigaflops: flops / ours.median / 1e6,
    floor: floor.flops / below.median / 1e6,
  };
  results.push(result);
  console.log(row(result));
}

function row({ name, precision, milliseconds, gigaflops, floor }: Result): string {
  const share = gigaflops / floor;
  return `| ${name} | ${precision} | ${milliseconds.toFixed(3)} | ${gigaflops.toFixed(1)} | ${floor.toFixed(1)} | ${share.toFixed(2)} |`;
}

const text = `# Results

One core of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, Node ${process.version}. Times are medians of processor time; the floor is a
micro-kernel on packed panels, run in turns with the case (\`src/floor.ts\`).

| case | dtype | ms | GFLOP/s | floor | share |
| --- | --- | --- | --- | --- | --- |
${results.map(row).join('\n')}
`;
if (values.case === '') {
  writeFileSync(new URL('../RESULTS.md', import.meta.url), text);
  writeFileSync(
    new URL('../results.json', import.meta.url),
    `${JSON.stringify(results, null, 2)}\n`,
  );
}
