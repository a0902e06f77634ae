import type { Code } from '../encode/code.ts';
import { mostArguments, places } from '../threads/record.ts';
import { closeJob, openJob, pushThreadPlace } from './job.ts';
import type { ModuleParts } from './parts.ts';

/**
 * Work in pieces that threads share. `piece` is a function of so many integers and the number of a
 * piece; the result is a function of the same integers and the number of pieces, which runs all of
 * them: alone, or with the threads that are there. Pieces are independent of each other, and what
 * they are does not depend on how many threads there are. Undefined where nothing is shared.
 */
export function printSection(
  parts: ModuleParts,
  piece: number,
  integers: number,
): number | undefined {
  const { shared } = parts;
  if (!shared || integers > mostArguments) return undefined;
  const section = shared.sections++;
  const work = printWork(parts, piece, integers);
  printEntry(parts, section, work);
  const params = Array.from({ length: integers + 1 }, () => 'i32' as const);
  const builder = parts.module.function(params, []);
  const { code } = builder;
  code.i32(0);
  code.memory('i32.load', places.limit);
  code.op('i32.eqz');
  code.if(() => {
    printAll(code, piece, integers, builder.newLocal('i32'), () => code.get(integers));
    code.else();
    for (let i = 0; i < integers; i++) {
      code.i32(0);
      code.get(i);
      code.memory('i32.store', places.arguments + 4 * i);
    }
    code.i32(section);
    code.get(integers);
    code.call(parts.helper(openJob));
    code.call(work);
    code.call(parts.helper(closeJob));
  });
  return builder.index;
}

/** Runs pieces in order. */
function printAll(
  code: Code,
  piece: number,
  integers: number,
  number: number,
  total: () => void,
): void {
  code.i32(0);
  code.set(number);
  code.block(() =>
    code.loop(() => {
      code.get(number);
      total();
      code.op('i32.ge_u');
      code.brIf(1);
      for (let i = 0; i < integers; i++) code.get(i);
      code.get(number);
      code.call(piece);
      code.get(number);
      code.i32(1);
      code.op('i32.add');
      code.set(number);
      code.br(0);
    }),
  );
}

/** A function that takes pieces of the job until there are none left. */
function printWork(parts: ModuleParts, piece: number, integers: number): number {
  const builder = parts.module.function([], []);
  const { code } = builder;
  const { shared } = parts;
  if (!shared) throw new Error('Only modules for shared memory have sections.');
  const locals = Array.from({ length: integers }, () => builder.newLocal('i32'));
  const number = builder.newLocal('i32');
  locals.forEach((local, i) => {
    code.i32(0);
    code.memory('i32.load', places.arguments + 4 * i);
    code.set(local);
  });
  code.block(() =>
    code.loop(() => {
      code.i32(0);
      code.i32(1);
      code.memory('i32.atomic.rmw.add', places.next);
      code.tee(number);
      code.i32(0);
      code.memory('i32.load', places.total);
      code.op('i32.ge_u');
      code.brIf(1);
      code.get(number);
      code.globalSet(shared.piece);
      for (const local of locals) code.get(local);
      code.get(number);
      code.call(piece);
      code.br(0);
    }),
  );
  return builder.index;
}

/** Exports a function of the number of a thread, through which it takes part in the job. */
function printEntry(parts: ModuleParts, section: number, work: number): void {
  const { shared } = parts;
  if (!shared) return;
  const entry = parts.module.function(['i32'], []);
  const { code } = entry;
  parts.module.export(`section${section}`, entry);
  code.i32(0);
  code.memory('i32.load', places.base);
  code.globalSet(parts.base);
  pushThreadPlace(code, 0, 'status');
  code.globalGet(parts.base);
  code.op('i32.sub');
  code.globalSet(shared.status);
  pushThreadPlace(code, 0, 'scratch');
  code.memory('i32.load', 0);
  code.globalGet(parts.base);
  code.op('i32.sub');
  code.i32(parts.scratchAt);
  code.op('i32.sub');
  code.globalSet(shared.scratch);
  code.call(work);
}
