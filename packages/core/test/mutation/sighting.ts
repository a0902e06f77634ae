import type { TimedGroup } from './groups.ts';
import type { Host } from './host.ts';
import type { Failure } from './messages.ts';
import { read } from './sources.ts';

/** Milliseconds of silence after which tests are taken to hang; more each time that was wrong. */
const patience = [5_000, 15_000, 60_000];

/** Asks for tests on a file as it is or as a mutant has it. */
function ask(host: Host, file: string, text: string, groups: readonly TimedGroup[], wait: number) {
  const longest = Math.max(...groups.map((group) => group.longest));
  return host.ask({ type: 'try', file, text, groups }, wait + 6 * longest);
}

async function pass(
  host: Host,
  file: string,
  text: string,
  groups: readonly TimedGroup[],
  wait = patience.at(-1) ?? 0,
): Promise<boolean> {
  const reply = await ask(host, file, text, groups, wait);
  return reply.type === 'reply' && !reply.failure;
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

/** The file whose turn it is after so many tests. */
function turnAfter(tested: number, groups: readonly TimedGroup[]): readonly TimedGroup[] {
  let end = 0;
  const at = groups.findIndex(({ names }) => {
    end += names.length;
    return tested < end;
  });
  return groups.slice(at).slice(0, 1);
}

/** The first of some tests that sees a mutant, or that they hang. */
async function tryAll(
  host: Host,
  file: string,
  text: string,
  groups: readonly TimedGroup[],
): Promise<Failure | 'hangs' | undefined> {
  for (const wait of patience) {
    const reply = await ask(host, file, text, groups, wait);
    if (reply.type === 'reply') return reply.failure;
    if (await pass(host, file, read(file), turnAfter(reply.tested, groups), wait)) return 'hangs';
  }
  return undefined;
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
    const failure = await tryAll(host, file, text, groups);
    if (failure === undefined || failure === 'hangs') return failure;
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
