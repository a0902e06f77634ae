import type { Code } from '../encode/code.ts';
import { places, threadBytes, threadPlace, type threadPlaces } from '../threads/record.ts';
import type { Helper } from './helpers.ts';
import type { ModuleParts } from './parts.ts';
import type { SharedParts } from './shared-parts.ts';

/** Looks at a thread that is inside before the host is asked to wait. */
const spins = 2 ** 12;

function sharedOf({ shared }: ModuleParts): SharedParts {
  if (!shared) throw new Error('Only modules for shared memory have jobs.');
  return shared;
}

function store(code: Code, place: number, value: () => void): void {
  code.i32(0);
  value();
  code.memory('i32.store', place);
}

function load(code: Code, place: number): void {
  code.i32(0);
  code.memory('i32.load', place);
}

function storeAtomic(code: Code, place: number, value: number): void {
  code.i32(0);
  code.i32(value);
  code.memory('i32.atomic.store', place);
}

/** (section, pieces): lets threads in; their arguments are there. See `threads/record.ts`. */
export const openJob: Helper = {
  params: ['i32', 'i32'],
  results: [],
  print({ code }, parts) {
    const shared = sharedOf(parts);
    store(code, places.section, () => code.get(0));
    store(code, places.total, () => code.get(1));
    store(code, places.base, () => code.globalGet(parts.base));
    store(code, places.module, () => code.globalGet(shared.module));
    code.i32(threadPlace(0, 'status'));
    code.globalGet(parts.base);
    code.op('i32.sub');
    code.globalSet(shared.status);
    storeAtomic(code, places.next, 0);
    storeAtomic(code, places.open, 1);
    code.i32(0);
    code.i32(1);
    code.memory('i32.atomic.rmw.add', places.signal);
    code.op('drop');
    code.i32(0);
    code.memory('i32.atomic.load', places.sleepers);
    code.if(() => {
      code.i32(0);
      code.i32(-1);
      code.memory('memory.atomic.notify', places.signal);
      code.op('drop');
    });
  },
};

/** Waits until no thread is inside, and takes over what failed in the first piece that did. */
export const closeJob: Helper = {
  params: [],
  results: [],
  print(builder, parts) {
    const { code } = builder;
    const shared = sharedOf(parts);
    const [thread, place, spun] = [0, 0, 0].map(() => builder.newLocal('i32'));
    if (thread === undefined || place === undefined || spun === undefined) return;
    storeAtomic(code, places.open, 0);
    code.i32(1);
    code.set(thread);
    code.i32(threadBytes);
    code.set(place);
    code.loop(() => {
      code.i32(0);
      code.set(spun);
      code.block(() =>
        code.loop(() => {
          code.get(place);
          code.memory('i32.atomic.load', threadPlace(0, 'inside'));
          code.op('i32.eqz');
          code.brIf(1);
          code.get(spun);
          code.i32(1);
          code.op('i32.add');
          code.tee(spun);
          code.i32(spins);
          code.op('i32.ge_u');
          code.if(() => {
            code.get(thread);
            code.call(shared.wait);
            code.i32(0);
            code.set(spun);
          });
          code.br(0);
        }),
      );
      advance(code, thread, 1);
      advance(code, place, threadBytes);
      code.get(thread);
      load(code, places.limit);
      code.op('i32.le_u');
      code.brIf(0);
    });
    code.i32(0);
    code.globalSet(shared.status);
    load(code, places.crashed);
    code.if(() => {
      code.i32(0);
      code.call(shared.wait);
    });
    load(code, places.failed);
    code.if(() => {
      store(code, places.failed, () => code.i32(0));
      takeFirst(code, parts, thread, place, spun);
    });
  },
};

function advance(code: Code, local: number, by: number): void {
  code.get(local);
  code.i32(by);
  code.op('i32.add');
  code.set(local);
}

/** Clears the records of all threads, and moves that of the first piece to the call's. */
function takeFirst(
  code: Code,
  parts: ModuleParts,
  thread: number,
  place: number,
  first: number,
): void {
  const at = (word: number): number => threadPlace(0, 'status') + word;
  const pieceOf = (local: number): void => {
    code.get(local);
    code.memory('i32.load', at(12));
  };
  const clear = (local: number): void => {
    code.get(local);
    code.i32(0);
    code.memory('i32.store', at(0));
  };
  for (const local of [thread, place]) {
    code.i32(0);
    code.set(local);
  }
  code.i32(-1);
  code.set(first);
  code.loop(() => {
    code.get(place);
    code.memory('i32.load', at(0));
    code.if(() => {
      code.get(first);
      code.i32(0);
      code.op('i32.lt_s');
      code.if(() => {
        code.i32(1);
        code.else();
        pieceOf(place);
        pieceOf(first);
        code.op('i32.lt_u');
      }, 'i32');
      code.if(() => {
        code.get(place);
        code.set(first);
      });
    });
    advance(code, thread, 1);
    advance(code, place, threadBytes);
    code.get(thread);
    load(code, places.limit);
    code.op('i32.le_u');
    code.brIf(0);
  });
  code.globalGet(parts.base);
  code.memory('i32.load', 0);
  code.op('i32.eqz');
  code.if(() => {
    for (const word of [0, 4, 8]) {
      code.globalGet(parts.base);
      code.get(first);
      code.memory('i32.load', at(word));
      code.memory('i32.store', word);
    }
  });
  for (const local of [thread, place]) {
    code.i32(0);
    code.set(local);
  }
  code.loop(() => {
    clear(place);
    advance(code, thread, 1);
    advance(code, place, threadBytes);
    code.get(thread);
    load(code, places.limit);
    code.op('i32.le_u');
    code.brIf(0);
  });
}

/** Leaves the address of a word of the thread whose number is in a local on the stack. */
export function pushThreadPlace(
  code: Code,
  thread: number,
  place: keyof typeof threadPlaces,
): void {
  code.get(thread);
  code.i32(threadBytes);
  code.op('i32.mul');
  code.i32(threadPlace(0, place));
  code.op('i32.add');
}
