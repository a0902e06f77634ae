import type { LaneFunction } from '../../../kernel/lane/lane-function.ts';
import type { Lanes } from '../../../kernel/lane/node.ts';
import type { HostCall, Kernel } from '../../../kernel/statement.ts';
import { type FunctionBuilder, ModuleBuilder } from '../encode/module.ts';
import { align } from '../layout.ts';
import { allocate, type Helper } from './helpers.ts';
import { printMicroKernel, type TileShape } from './micro-kernel.ts';
import { printLaneFunction } from './print-lane-function.ts';
import type { SharedParts } from './shared-parts.ts';

/** Instructions of all iterations of a loop that is printed for so many vectors at once, at least. */
export type LongWork = readonly (readonly [vectors: number, instructions: number])[];

const usualLongWork: LongWork = [
  [4, 2 ** 15],
  [2, 2 ** 12],
];

/** How a module is printed. */
export interface PrintOptions {
  /** Whether the machine has an instruction for x y + z, to be used in blocked sums. */
  readonly fused?: boolean;
  readonly longWork?: LongWork;
  /** For memory that threads share: what a module has besides. */
  readonly shared?: (module: ModuleBuilder) => SharedParts;
}

/** Any memory that threads share: it has a maximum, of at most so many pages. */
const sharedMemory = { initial: 0, maximum: 65536, shared: true };

/** What the functions of a module share. */
export class ModuleParts {
  readonly fused: boolean;
  readonly longWork: LongWork;
  /** What threads have besides, if there may be any. */
  readonly shared: SharedParts | undefined;
  /** Where the part of a call's memory begins that kernels use while they run. */
  readonly scratchAt: number;
  readonly module: ModuleBuilder;
  /** Global: end of the arena in use, where growable stacks find their memory. */
  readonly stackTop: number;
  /** Global: where the memory of this call begins. */
  readonly base: number;
  readonly #helpers = new Map<Helper, FunctionBuilder>();
  readonly #laneFunctions = new Map<string, FunctionBuilder>();
  readonly #kernels = new Map<Kernel, FunctionBuilder>();
  readonly #hosts: readonly number[];
  readonly #microKernels = new Map<string, number>();
  #scratchBytes = 0;

  constructor(
    hosts: readonly HostCall[] = [],
    scratchAt = 0,
    { fused = false, longWork = usualLongWork, shared }: PrintOptions = {},
  ) {
    this.scratchAt = scratchAt;
    this.fused = fused;
    this.longWork = longWork;
    this.module = new ModuleBuilder(shared ? sharedMemory : { initial: 0, shared: false });
    this.stackTop = this.module.importGlobal('env', 'stackTop');
    this.base = this.module.global();
    this.#hosts = hosts.map(({ operands, results }, i) => {
      const params = [...operands, ...results].map(() => 'i32' as const);
      return this.module.importFunction('env', `host${i}`, params, []);
    });
    this.shared = shared?.(this.module);
  }

  /** An imported function that takes addresses of its operands and results. */
  host(call: number): number {
    const index = this.#hosts[call];
    if (index === undefined) throw new Error(`Host call ${call} is not in the module.`);
    return index;
  }

  get growsStacks(): boolean {
    return this.#helpers.has(allocate);
  }

  /** Bytes that the kernel in most need of them uses while it runs. */
  get scratchBytes(): number {
    return align(this.#scratchBytes);
  }

  needScratch(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
  }

  microKernel(shape: TileShape): number {
    const { kind, rows, vectors, rowStride, loops, tileStride } = shape;
    const terms = loops.map(({ extent, row, column }) => `${extent}:${row}:${column}`);
    const key = `${kind} ${[rows, vectors, rowStride, tileStride, ...terms]}`;
    const known = this.#microKernels.get(key) ?? printMicroKernel(this, shape);
    this.#microKernels.set(key, known);
    return known;
  }

  helper(helper: Helper): number {
    const known = this.#helpers.get(helper);
    if (known) return known.index;
    const builder = this.module.function(helper.params, helper.results);
    this.#helpers.set(helper, builder);
    helper.print(builder, this);
    return builder.index;
  }

  /** A function of the vector maths, for values of so many lanes. */
  laneFunction(callee: LaneFunction, lanes: Lanes): number {
    const key = `${callee.name} ${lanes}`;
    const known = this.#laneFunctions.get(key);
    if (known) return known.index;
    const builder = printLaneFunction(this, callee, lanes, (made) =>
      this.#laneFunctions.set(key, made),
    );
    return builder.index;
  }

  declareKernel(kernel: Kernel, results: readonly 'i32'[] = []): FunctionBuilder {
    const params = kernel.params.map(() => 'i32' as const);
    const builder = this.module.function(params, results);
    this.#kernels.set(kernel, builder);
    return builder;
  }

  kernel(kernel: Kernel): number {
    const builder = this.#kernels.get(kernel);
    if (!builder) throw new Error(`Kernel ${kernel.name} is called but not in the module.`);
    return builder.index;
  }
}
