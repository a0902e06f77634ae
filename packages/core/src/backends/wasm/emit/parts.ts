import type { HostCall, Kernel } from '../../../kernel/statement.ts';
import { type FunctionBuilder, ModuleBuilder } from '../encode/module.ts';
import type { Lanes } from '../lane/node.ts';
import { printLaneFunction } from '../maths/functions.ts';
import { type Helper, helpers } from './helpers.ts';

/** What the functions of a module share. */
export class ModuleParts {
  readonly module: ModuleBuilder = new ModuleBuilder({ initial: 0, shared: false });
  /** Global: end of the arena in use, where growable stacks find their memory. */
  readonly stackTop: number = this.module.importGlobal('env', 'stackTop');
  /** Global: where the memory of this call begins. */
  readonly base: number = this.module.global();
  readonly #helpers = new Map<Helper, FunctionBuilder>();
  readonly #laneFunctions = new Map<string, FunctionBuilder>();
  readonly #kernels = new Map<Kernel, FunctionBuilder>();
  readonly #hosts: readonly number[];

  constructor(hosts: readonly HostCall[] = []) {
    this.#hosts = hosts.map(({ operands, results }, i) => {
      const params = [...operands, ...results].map(() => 'i32' as const);
      return this.module.importFunction('env', `host${i}`, params, []);
    });
  }

  /** An imported function that takes addresses of its operands and results. */
  host(call: number): number {
    const index = this.#hosts[call];
    if (index === undefined) throw new Error(`Host call ${call} is not in the module.`);
    return index;
  }

  get growsStacks(): boolean {
    return this.#helpers.has('allocate');
  }

  helper(name: Helper): number {
    const known = this.#helpers.get(name);
    if (known) return known.index;
    const { params, results, print } = helpers[name];
    const builder = this.module.function(params, results);
    this.#helpers.set(name, builder);
    print(builder, this);
    return builder.index;
  }

  /** A function of the vector maths, for values of so many lanes. */
  laneFunction(name: string, lanes: Lanes): number {
    const key = `${name} ${lanes}`;
    const known = this.#laneFunctions.get(key);
    if (known) return known.index;
    const builder = printLaneFunction(this, name, lanes, (made) =>
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
