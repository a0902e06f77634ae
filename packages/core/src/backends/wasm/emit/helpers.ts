import type { Code, ValueType } from '../encode/code.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { statusKinds } from '../layout.ts';
import { places } from '../threads/record.ts';
import type { ModuleParts } from './parts.ts';

/** A function that modules contain when they need it. */
export interface Helper {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  print(builder: FunctionBuilder, parts: ModuleParts): void;
}

/** Writes the status record unless a failure is in it already: the first one wins. */
function record(
  code: Code,
  parts: ModuleParts,
  kind: number,
  site: () => void,
  index: () => void,
): void {
  const { shared } = parts;
  const statusRecord = (): void => {
    code.globalGet(parts.base);
    if (!shared) return;
    code.globalGet(shared.status);
    code.op('i32.add');
  };
  const word = (offset: number, value: () => void): void => {
    statusRecord();
    value();
    code.memory('i32.store', offset);
  };
  statusRecord();
  code.memory('i32.load', 0);
  code.op('i32.eqz');
  code.if(() => {
    word(0, () => code.i32(kind));
    word(4, site);
    word(8, index);
    if (!shared) return;
    // What fails outside of sections is no failure of a job, and none of the next job either.
    code.globalGet(shared.status);
    code.if(() => {
      word(12, () => code.globalGet(shared.piece));
      code.i32(0);
      code.i32(1);
      code.memory('i32.store', places.failed);
    });
  });
}

/** (index, site) -> 0 */
export const outOfRange: Helper = {
  params: ['i32', 'i32'],
  results: ['i32'],
  print({ code }, parts) {
    record(
      code,
      parts,
      statusKinds.failed,
      () => code.get(1),
      () => code.get(0),
    );
    code.i32(0);
  },
};

/** (detail, site); does not return. A trap is what leaves all functions of the call at once. */
export const fail: Helper = {
  params: ['i32', 'i32'],
  results: [],
  print({ code }, parts) {
    record(
      code,
      parts,
      statusKinds.failed,
      () => code.get(1),
      () => code.get(0),
    );
    code.op('unreachable');
  },
};

/** (bytes as i64) -> address of so many zeros at the top of the arena. */
export const allocate: Helper = {
  params: ['i64'],
  results: ['i32'],
  print(builder, parts) {
    const { code } = builder;
    const at = builder.local('i32');
    const end = builder.local('i64');
    const pages = builder.local('i64');
    code.globalGet(parts.stackTop);
    code.i32(15);
    code.op('i32.add');
    code.i32(-16);
    code.op('i32.and');
    code.tee(at);
    code.op('i64.extend_i32_u');
    code.get(0);
    code.op('i64.add');
    code.set(end);
    // Pages that are missing.
    code.get(end);
    code.i64(65535n);
    code.op('i64.add');
    code.i64(16n);
    code.op('i64.shr_u');
    code.memorySize();
    code.op('i64.extend_i32_u');
    code.op('i64.sub');
    code.tee(pages);
    code.i64(0n);
    code.op('i64.gt_s');
    code.if(() => {
      code.get(end);
      code.i64(0xffffffffn);
      code.op('i64.gt_u');
      code.if(() => outOfMemory(code, parts));
      code.get(pages);
      code.op('i32.wrap_i64');
      code.memoryGrow();
      code.i32(-1);
      code.op('i32.eq');
      code.if(() => outOfMemory(code, parts));
    });
    code.get(end);
    code.op('i32.wrap_i64');
    code.globalSet(parts.stackTop);
    code.get(at);
    code.i32(0);
    code.get(0);
    code.op('i32.wrap_i64');
    code.memoryFill();
    code.get(at);
  },
};

/** Records how many pages were asked for. */
function outOfMemory(code: Code, parts: ModuleParts): void {
  record(
    code,
    parts,
    statusKinds.outOfMemory,
    () => code.i32(0),
    () => {
      code.get(0);
      code.i64(65535n);
      code.op('i64.add');
      code.i64(16n);
      code.op('i64.shr_u');
      code.op('i32.wrap_i64');
    },
  );
  code.op('unreachable');
}

/**
 * A growable stack is a list of chunks that double: with c elements in the first, chunk k holds
 * c 2^k, so element i is in chunk k = floor(log2(i / c + 1)) at i - c (2^k - 1), and no element
 * ever moves. c is a power of two.
 */
const chunksAt = 8;

/** (descriptor, index, bytes of an element) -> its address; leaves the chunk's number in a local. */
function locate(builder: FunctionBuilder): { readonly chunk: number; readonly within: number } {
  const { code } = builder;
  const chunk = builder.local('i32');
  const within = builder.local('i32');
  code.i32(31);
  code.get(1);
  code.get(0);
  code.memory('i32.load', 4);
  code.op('i32.ctz');
  code.op('i32.shr_u');
  code.i32(1);
  code.op('i32.add');
  code.op('i32.clz');
  code.op('i32.sub');
  code.set(chunk);
  code.get(1);
  code.i32(1);
  code.get(chunk);
  code.op('i32.shl');
  code.i32(1);
  code.op('i32.sub');
  code.get(0);
  code.memory('i32.load', 4);
  code.op('i32.mul');
  code.op('i32.sub');
  code.set(within);
  return { chunk, within };
}

function chunkSlot(code: Code, chunk: number): void {
  code.get(0);
  code.get(chunk);
  code.i32(2);
  code.op('i32.shl');
  code.op('i32.add');
}

function elementAddress(code: Code, chunk: number, within: number): void {
  chunkSlot(code, chunk);
  code.memory('i32.load', chunksAt);
  code.get(within);
  code.get(2);
  code.op('i32.mul');
  code.op('i32.add');
}

/** (descriptor, index, bytes) -> address of an element; zeros where a stack has none. */
export const slot: Helper = {
  params: ['i32', 'i32', 'i32'],
  results: ['i32'],
  print(builder, parts) {
    const { code } = builder;
    sizeFirstChunk(code);
    const { chunk, within } = locate(builder);
    makeChunk(code, chunk, parts);
    elementAddress(code, chunk, within);
  },
};

/** Bytes that the first chunk should have at least. */
const firstChunkBytes = 256;

/** Chooses the size of the first chunk of a new stack. */
function sizeFirstChunk(code: Code): void {
  code.get(0);
  code.memory('i32.load', 4);
  code.op('i32.eqz');
  code.if(() => {
    // The largest power of two of elements that fits, or one element.
    code.get(0);
    code.i32(1);
    code.i32(31);
    code.i32(firstChunkBytes);
    code.get(2);
    code.op('i32.div_u');
    code.i32(1);
    code.op('i32.or');
    code.op('i32.clz');
    code.op('i32.sub');
    code.op('i32.shl');
    code.memory('i32.store', 4);
  });
}

/** Makes a chunk that is not there, of zeros. */
function makeChunk(code: Code, chunk: number, parts: ModuleParts): void {
  chunkSlot(code, chunk);
  code.memory('i32.load', chunksAt);
  code.op('i32.eqz');
  code.if(() => {
    chunkSlot(code, chunk);
    code.get(0);
    code.memory('i32.load', 4);
    code.op('i64.extend_i32_u');
    code.get(chunk);
    code.op('i64.extend_i32_u');
    code.op('i64.shl');
    code.get(2);
    code.op('i64.extend_i32_u');
    code.op('i64.mul');
    code.call(parts.helper(allocate));
    code.memory('i32.store', chunksAt);
  });
}

/** (descriptor, index, bytes) -> address of an element that is made when it does not exist. */
export const growingSlot: Helper = {
  params: ['i32', 'i32', 'i32'],
  results: ['i32'],
  print(builder, parts) {
    const { code } = builder;
    code.get(1);
    code.get(0);
    code.memory('i32.load', 0);
    code.op('i32.ge_s');
    code.if(() => {
      code.get(0);
      code.get(1);
      code.i32(1);
      code.op('i32.add');
      code.memory('i32.store', 0);
    });
    code.get(0);
    code.get(1);
    code.get(2);
    code.call(parts.helper(slot));
  },
};
