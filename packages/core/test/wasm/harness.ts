import { expect } from 'vitest';
import { compileModule } from '../../src/backends/wasm/compile.ts';
import { compileResumable } from '../../src/backends/wasm/compile-resumable.ts';
import type { PrintOptions } from '../../src/backends/wasm/emit/parts.ts';
import { instantiateModule, type Runner } from '../../src/backends/wasm/instantiate.ts';
import { instantiateResumable } from '../../src/backends/wasm/instantiate-resumable.ts';
import type { ModuleLayout } from '../../src/backends/wasm/layout.ts';
import { RealmMemory } from '../../src/backends/wasm/memory.ts';
import { affineConst, affineLoop } from '../../src/kernel/affine.ts';
import type { Buffer, Expr, Local, Loop, Scalar } from '../../src/kernel/expr.ts';
import type { KernelModule, Pointer, Site, Statement } from '../../src/kernel/statement.ts';
import { type Data, type DType, itemSize, viewOf } from '../../src/tensor/dtype.ts';

export function buffer(name: string, dtype: DType, size: number): Buffer {
  return { name, dtype, size };
}

export function loopOf(name: string, extent?: number): Loop {
  return { name, extent };
}

export function localOf(name: string, type: Scalar): Local {
  return { name, type };
}

export function read(local: Local): Expr {
  return { op: 'local', type: local.type, local };
}

export function load(from: Buffer, index: Loop | number | ReturnType<typeof affineConst>): Expr {
  return { op: 'load', type: from.dtype, buffer: from, index: indexOf(index) };
}

export function store(
  to: Buffer,
  index: Loop | number | ReturnType<typeof affineConst>,
  value: Expr,
): Statement {
  return { do: 'store', buffer: to, index: indexOf(index), value };
}

function indexOf(index: Loop | number | ReturnType<typeof affineConst>) {
  if (typeof index === 'number') return affineConst(index);
  return 'extent' in index ? affineLoop(index) : index;
}

export function parallel(loop: Loop, ...body: Statement[]): Statement {
  return { do: 'for', loop, parallel: true, body };
}

export function inOrder(loop: Loop, ...body: Statement[]): Statement {
  return { do: 'for', loop, parallel: false, body };
}

export function pointer(to: Buffer, at = 0): Pointer {
  return { kind: 'buffer', buffer: to, offset: affineConst(at) };
}

export interface TestModule {
  readonly kernels?: KernelModule['kernels'];
  readonly main: readonly Statement[];
  readonly inputs?: readonly Buffer[];
  readonly outputs?: readonly Buffer[];
  readonly workspace?: readonly Buffer[];
  readonly sites?: readonly Site[];
}

export interface Outcome {
  readonly outputs: readonly Data[];
  readonly status: { readonly kind: number; readonly site: number; readonly index: number };
  readonly realm: RealmMemory;
}

function byteSize(of: Buffer): number {
  return of.size * itemSize(of.dtype);
}

/** Completes a module with places for its workspace. */
export function moduleOf(test: TestModule): KernelModule {
  const workspace = new Map<Buffer, number>();
  let workspaceBytes = 0;
  for (const part of test.workspace ?? []) {
    workspace.set(part, workspaceBytes);
    workspaceBytes += Math.ceil(byteSize(part) / 16) * 16;
  }
  return {
    kernels: test.kernels ?? [],
    main: test.main,
    inputs: test.inputs ?? [],
    outputs: test.outputs ?? [],
    workspace,
    workspaceBytes,
    sites: test.sites ?? [],
  };
}

/** The byte that surrounds every buffer; it must still be there after a call. */
const guard = 0xa5;
const guardBytes = 64;

/**
 * Compiles a module and runs it. Buffers lie between guard bytes, which are checked after the
 * call, as are the bytes of the inputs when `pure`.
 */
export function runModule(
  test: TestModule,
  inputs: readonly Data[],
  realm = new RealmMemory(),
  options: PrintOptions = {},
): Outcome {
  const module = moduleOf(test);
  const compiled = compileModule(module, options);
  return runOn(module, compiled.layout, instantiateModule(compiled, { realm }), inputs, realm);
}

/** The same, left at every point and gone on with. */
export function runInPieces(
  test: TestModule,
  inputs: readonly Data[],
): Outcome & { readonly visits: number } {
  const realm = new RealmMemory();
  const module = moduleOf(test);
  const compiled = compileResumable(module);
  const run = instantiateResumable(compiled, { realm });
  let visits = 1;
  const toTheEnd = (base: number): void => {
    while (!run(base, () => -1)) visits++;
  };
  const layout = { ...compiled.layout, bytes: compiled.resume.bytes };
  return { ...runOn(module, layout, toTheEnd, inputs, realm), visits };
}

function runOn(
  module: KernelModule,
  layout: ModuleLayout,
  run: Runner,
  inputs: readonly Data[],
  realm: RealmMemory,
): Outcome {
  const buffers = [...module.inputs, ...module.outputs];
  const places = buffers.map((part) => {
    const bytes = byteSize(part);
    const address = realm.allocate(bytes + 2 * guardBytes) + guardBytes;
    new Uint8Array(realm.memory.buffer, address - guardBytes, bytes + 2 * guardBytes).fill(guard);
    return address;
  });
  const base = realm.allocate(layout.bytes);
  new Uint8Array(realm.memory.buffer, base, layout.bytes).fill(0);
  inputs.forEach((data, i) => {
    const part = buffers[i];
    if (part) viewOf(part.dtype, realm.memory.buffer, places[i] ?? 0, part.size).set(data);
  });
  new Int32Array(realm.memory.buffer, base + layout.tableAt, places.length).set(places);
  realm.enter([]);
  run(base);
  realm.leave();
  buffers.forEach((part, i) => {
    const place = places[i] ?? 0;
    const bytes = byteSize(part);
    const before = new Uint8Array(realm.memory.buffer, place - guardBytes, guardBytes);
    const after = new Uint8Array(realm.memory.buffer, place + bytes, guardBytes);
    expect([...before, ...after].every((byte) => byte === guard)).toBe(true);
  });
  const table = new Int32Array(realm.memory.buffer, base + layout.tableAt, places.length);
  const outputs = module.outputs.map((part, i) =>
    viewOf(
      part.dtype,
      realm.memory.buffer,
      table[module.inputs.length + i] ?? 0,
      part.size,
    ).slice(),
  );
  const [kind = 0, site = 0, index = 0] = new Int32Array(realm.memory.buffer, base, 3);
  return { outputs, status: { kind, site, index }, realm };
}
