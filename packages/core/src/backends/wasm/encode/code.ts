import { Bytes } from './bytes.ts';
import { laneMemoryOpcodes, laneOpcodes, memoryOpcodes, opcodes } from './opcodes.ts';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export const valueTypeCodes: { readonly [T in ValueType]: number } = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

const emptyBlock = 0x40;

function required<T>(table: ReadonlyMap<string, T>, name: string): T {
  const entry = table.get(name);
  if (entry === undefined) throw new Error(`No such instruction: ${name}.`);
  return entry;
}

/** Codes of instructions on a type, so that their names need not be put together each time. */
const typed = new Map<string, Map<string, number>>();

function typedOpcode(type: string, operation: string): number {
  let own = typed.get(type);
  if (own === undefined) {
    own = new Map();
    typed.set(type, own);
  }
  let code = own.get(operation);
  if (code === undefined) {
    code = required(opcodes, `${type}.${operation}`);
    own.set(operation, code);
  }
  return code;
}

/** A sequence of instructions. Calls and branches are by number; blocks have no parameters. */
export class Code {
  readonly #bytes = new Bytes();

  /** Its bytes, once nothing is added any more. */
  get bytes(): Bytes {
    return this.#bytes;
  }

  /** Other instructions, to which nothing is added after that. */
  append(code: Code): void {
    this.#bytes.append(code.#bytes);
  }

  #opcode(code: number): void {
    const prefix = code >> 16;
    if (prefix === 0) {
      this.#bytes.u8(code);
    } else {
      this.#bytes.u8(prefix);
      this.#bytes.u32(code & 0xffff);
    }
  }

  /** An instruction without immediates. */
  op(name: string): void {
    this.#opcode(required(opcodes, name));
  }

  /** An instruction without immediates by its type and its operation: `f64` and `add`. */
  typed(type: string, operation: string): void {
    this.#opcode(typedOpcode(type, operation));
  }

  /** An instruction that takes a lane number. */
  lane(name: string, lane: number): void {
    this.#opcode(required(laneOpcodes, name));
    this.#bytes.u8(lane);
  }

  /** A load or store. */
  memory(name: string, offset: number): void {
    const [code, align] = required(memoryOpcodes, name);
    this.#opcode(code);
    this.#bytes.u32(align);
    this.#bytes.u32(offset);
  }

  /** A load or store of one lane. */
  memoryLane(name: string, offset: number, lane: number): void {
    const [code, align] = required(laneMemoryOpcodes, name);
    this.#opcode(code);
    this.#bytes.u32(align);
    this.#bytes.u32(offset);
    this.#bytes.u8(lane);
  }

  i32(value: number): void {
    this.#bytes.u8(0x41);
    this.#bytes.s32(value);
  }

  i64(value: bigint): void {
    this.#bytes.u8(0x42);
    this.#bytes.s64(value);
  }

  f32(value: number): void {
    this.#bytes.u8(0x43);
    this.#bytes.f32(value);
  }

  f64(value: number): void {
    this.#bytes.u8(0x44);
    this.#bytes.f64(value);
  }

  v128(value: Uint8Array): void {
    this.#opcode(0xfd000c);
    this.#bytes.bytes(value);
  }

  /** Bytes of two vectors, by their number in the concatenation. */
  shuffle(lanes: readonly number[]): void {
    this.#opcode(0xfd000d);
    for (const lane of lanes) this.#bytes.u8(lane);
  }

  get(local: number): void {
    this.#bytes.u8(0x20);
    this.#bytes.u32(local);
  }

  set(local: number): void {
    this.#bytes.u8(0x21);
    this.#bytes.u32(local);
  }

  tee(local: number): void {
    this.#bytes.u8(0x22);
    this.#bytes.u32(local);
  }

  globalGet(global: number): void {
    this.#bytes.u8(0x23);
    this.#bytes.u32(global);
  }

  globalSet(global: number): void {
    this.#bytes.u8(0x24);
    this.#bytes.u32(global);
  }

  call(functionIndex: number): void {
    this.#bytes.u8(0x10);
    this.#bytes.u32(functionIndex);
  }

  #block(opcode: number, result: ValueType | undefined, body: () => void): void {
    this.#bytes.u8(opcode);
    this.#bytes.u8(result === undefined ? emptyBlock : valueTypeCodes[result]);
    body();
    this.#bytes.u8(0x0b);
  }

  block(body: () => void, result?: ValueType): void {
    this.#block(0x02, result, body);
  }

  loop(body: () => void): void {
    this.#block(0x03, undefined, body);
  }

  /** Takes the condition from the stack. */
  if(body: () => void, result?: ValueType): void {
    this.#block(0x04, result, body);
  }

  /** Inside the body of an `if`. */
  else(): void {
    this.#bytes.u8(0x05);
  }

  br(depth: number): void {
    this.#bytes.u8(0x0c);
    this.#bytes.u32(depth);
  }

  brIf(depth: number): void {
    this.#bytes.u8(0x0d);
    this.#bytes.u32(depth);
  }

  memoryCopy(): void {
    this.#opcode(0xfc000a);
    this.#bytes.u8(0);
    this.#bytes.u8(0);
  }

  memoryFill(): void {
    this.#opcode(0xfc000b);
    this.#bytes.u8(0);
  }

  memorySize(): void {
    this.#bytes.u8(0x3f);
    this.#bytes.u8(0);
  }

  memoryGrow(): void {
    this.#bytes.u8(0x40);
    this.#bytes.u8(0);
  }
}
