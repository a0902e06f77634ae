import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantiateModule } from '../../src/backends/wasm/instantiate.ts';
import { RealmMemory } from '../../src/backends/wasm/memory.ts';
import { Residents } from '../../src/runtime/residents.ts';
import { Workspaces } from '../../src/runtime/workspaces.ts';

const layout = { tableAt: 16, workspaceAt: 16, variablesAt: 16, scratchAt: 16, bytes: 16 };

/**
 * run(base): base = base; hook(); memory[base + 8] = 7, with `base` read from the global again.
 * Sections: types, imports of env.memory and env.hook, functions, globals, exports, code.
 */
const callsHook = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x00, 0x00],
  ...[0x02, 0x1a, 0x02, 0x03, 0x65, 0x6e, 0x76, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02],
  ...[0x00, 0x00, 0x03, 0x65, 0x6e, 0x76, 0x04, 0x68, 0x6f, 0x6f, 0x6b, 0x00, 0x01],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x06, 0x06, 0x01, 0x7f, 0x01, 0x41, 0x00, 0x0b],
  ...[
    0x07, 0x0e, 0x02, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x01, 0x04, 0x62, 0x61, 0x73, 0x65, 0x03, 0x00,
  ],
  ...[0x0a, 0x11, 0x01, 0x0f, 0x00, 0x20, 0x00, 0x24, 0x00, 0x10, 0x00, 0x23, 0x00, 0x41, 0x07],
  ...[0x36, 0x02, 0x08, 0x0b],
);

class HookedMemory extends RealmMemory {
  hook: () => void = () => undefined;
  override get imports(): WebAssembly.Imports {
    return { env: { memory: this.memory, hook: () => this.hook() } };
  }
}

describe('a module', () => {
  const realm = new HookedMemory();
  const run = instantiateModule(
    { bytes: callsHook, layout, growsStacks: false, threadBytes: undefined },
    { realm },
  );
  const written = (base: number): number => new Int32Array(realm.memory.buffer)[base / 4 + 2] ?? 0;

  test('may be called again while it runs', () => {
    const [outer, inner] = [realm.allocate(16), realm.allocate(16)];
    realm.hook = () => {
      realm.hook = () => undefined;
      run(inner);
    };
    run(outer);
    expect([written(outer), written(inner)]).toEqual([7, 7]);
  });

  test('goes on where it was when a call from inside it throws', () => {
    const [outer, inner] = [realm.allocate(16), realm.allocate(16)];
    new Int32Array(realm.memory.buffer).fill(0, inner / 4, inner / 4 + 4);
    realm.hook = () => {
      realm.hook = () => {
        throw new Error('from inside');
      };
      expect(() => run(inner)).toThrow('from inside');
    };
    run(outer);
    expect([written(outer), written(inner)]).toEqual([7, 0]);
  });
});

/** What a running call does: writes to its stacks, as compiled code does at `stackTop`. */
class Call {
  readonly mark: number;
  readonly lease;
  readonly #workspaces: Workspaces;
  readonly #bytes: number;
  readonly #written: { readonly address: number; readonly bytes: number }[] = [];

  constructor(workspaces: Workspaces, bytes: number, mark: number) {
    this.mark = mark;
    this.lease = workspaces.lease(bytes);
    this.#workspaces = workspaces;
    this.#bytes = bytes;
    this.#fill(this.lease.base, bytes);
  }

  grow(bytes: number): void {
    const { memory, stackTop } = this.#workspaces.realm;
    const address = Math.ceil(stackTop.value / 16) * 16;
    const missing = address + bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    stackTop.value = address + bytes;
    this.#fill(address, bytes);
    this.#written.push({ address, bytes });
  }

  #fill(address: number, bytes: number): void {
    new Uint8Array(this.#workspaces.realm.memory.buffer, address, bytes).fill(this.mark);
  }

  check(): void {
    for (const { address, bytes } of [
      { address: this.lease.base, bytes: this.#bytes },
      ...this.#written,
    ]) {
      const content = new Uint8Array(this.#workspaces.realm.memory.buffer, address, bytes);
      expect(content.every((byte) => byte === this.mark)).toBe(true);
    }
  }
}

describe('calls', () => {
  test('nested, interleaved and with allocations between them keep their memory', () => {
    const step = fc.record({
      do: fc.constantFrom('start', 'grow', 'allocate', 'free', 'leave', 'resume', 'end'),
      bytes: fc.integer({ min: 1, max: 50_000 }),
      which: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const workspaces = new Workspaces(new Residents(new RealmMemory(), 2 ** 20), 2 ** 17);
        const { realm } = workspaces;
        const running: Call[] = [];
        const left: Call[] = [];
        const blocks: { address: number; bytes: number; mark: number }[] = [];
        const leave = (): Call | undefined => {
          const call = running.pop();
          call?.lease.leave();
          return call;
        };
        steps.forEach(({ do: what, bytes, which }, i) => {
          const mark = i + 1;
          if (what === 'start') {
            const call = new Call(workspaces, bytes, mark);
            call.lease.enter();
            running.push(call);
          } else if (what === 'grow') {
            running.at(-1)?.grow(bytes);
          } else if (what === 'allocate') {
            const address = realm.allocate(bytes);
            new Uint8Array(realm.memory.buffer, address, bytes).fill(mark);
            blocks.push({ address, bytes, mark });
          } else if (what === 'free' && blocks.length > 0) {
            const [block] = blocks.splice(which % blocks.length, 1);
            if (block) realm.free(block.address);
          } else if (what === 'leave') {
            const call = leave();
            if (call) left.push(call);
          } else if (what === 'resume' && left.length > 0) {
            const [call] = left.splice(which % left.length, 1);
            call?.lease.enter();
            if (call) running.push(call);
          } else if (what === 'end') {
            leave()?.lease.release();
          }
          for (const call of [...running, ...left]) call.check();
          for (const { address, bytes: size, mark: byte } of blocks) {
            const content = new Uint8Array(realm.memory.buffer, address, size);
            expect(content.every((value) => value === byte)).toBe(true);
          }
        });
        while (running.length > 0) leave()?.lease.release();
        for (const call of left) call.lease.release();
        for (const { address } of blocks) realm.free(address);
        expect(realm.bytesInUse).toBeLessThanOrEqual(2 ** 17);
      }),
      { numRuns: 200 },
    );
  });

  test('one after the other use the same block, and large blocks go back', () => {
    const workspaces = new Workspaces(new Residents(new RealmMemory(), 2 ** 20), 2 ** 20);
    const once = (bytes: number): number => {
      const lease = workspaces.lease(bytes);
      lease.release();
      return lease.base;
    };
    expect(once(1000)).toBe(once(60_000));
    once(2 ** 22);
    expect(workspaces.realm.bytesInUse).toBeLessThanOrEqual(2 ** 20);
  });
});
