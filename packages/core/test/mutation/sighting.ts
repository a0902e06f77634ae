import type { TimedGroup } from './groups.ts';
import type { Host } from './host.ts';
import { read } from './sources.ts';

/** Asks for tests on a file as it is or as a mutant has it, until they hang. */
function ask(host: Host, file: string, text: string, groups: readonly TimedGroup[]) {
  const longest = Math.max(...groups.map((group) => group.longest));
  return host.ask({ type: 'try', file, text, groups }, 10_000 + 6 * longest);
}

async function pass(
  host: Host,
  file: string,
  text: string,
  groups: readonly TimedGroup[],
): Promise<boolean> {
  const reply = await ask(host, file, text, groups);
  return reply !== undefined && !reply.failure;
}

/** Tests that pass alone, when nothing is changed. */
const sound = new Map<string, boolean>();

/** Whether a test fails because of the mutant, and not of itself or of what ran before. */
async function isReal(host: Host, file: string, text: string, group: TimedGroup, first: boolean) {
  const key = `${group.file}: ${group.names}`;
  const passes = sound.get(key) ?? (await pass(host, file, read(file), [group]));
  sound.set(key, passes);
  return passes && (first || !(await pass(host, file, text, [group])));
}

/** The test that sees a mutant, or whether it makes tests hang. */
export async function sightingOf(
  host: Host,
  file: string,
  text: string,
  round: readonly TimedGroup[],
): Promise<string | undefined> {
  let groups = round;
  while (groups.length > 0) {
    const reply = await ask(host, file, text, groups);
    if (!reply) return (await pass(host, file, read(file), groups)) ? 'hangs' : undefined;
    const { failure } = reply;
    if (!failure) return undefined;
    const { test } = failure;
    const by = `${failure.file}: ${test ?? ''}: ${failure.message}`;
    const at = groups.findIndex((group) => group.file === failure.file);
    const group = groups[at];
    // Where no test is named, none could run.
    if (!group || test === undefined) return by;
    if (await isReal(host, file, text, { ...group, names: [test] }, at === 0)) return by;
    const names = group.names.filter((name) => name !== test);
    groups = groups.toSpliced(at, 1, ...(names.length > 0 ? [{ ...group, names }] : []));
  }
  return undefined;
}
