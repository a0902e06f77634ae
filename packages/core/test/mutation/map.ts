import { eachOnHosts } from './each.ts';
import type { Host } from './host.ts';
import { hashOf, read, sources, testFiles } from './sources.ts';
import { load, type Mapping, save } from './state.ts';

/** A file whose tests take longer is left out. */
const patience = 600_000;

/** Which tests come by which blocks; only files that have changed since the last time are run. */
export async function mapTests(
  hosts: readonly Host[],
  isOver: () => boolean,
  note: (line: string) => void,
): Promise<Mapping> {
  const mapping = load<Mapping>('tests.json', {});
  for (const file of Object.keys(mapping)) if (!testFiles.includes(file)) delete mapping[file];
  const old = testFiles.filter((file) => mapping[file]?.hash !== hashOf(read(file)));
  const hashes = Object.fromEntries(sources.map((file) => [file, hashOf(read(file))]));
  let done = 0;
  await eachOnHosts(old, hosts, isOver, async (file, host) => {
    const began = performance.now();
    const reply = await host.ask({ type: 'map', file }, patience);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const tests = reply.type === 'reply' ? reply.tests : [];
    mapping[file] = { hash: hashOf(read(file)), sources: hashes, tests };
    const trouble = reply.type === 'reply' ? (reply.failure?.message ?? '') : 'too long, left out';
    note(`${++done} of ${old.length} ${file}: ${tests.length} tests in ${seconds} s ${trouble}`);
    save('tests.json', mapping);
  });
  for (const host of hosts) host.close();
  return mapping;
}
