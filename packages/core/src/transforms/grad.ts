import { Cotangent } from '../primitives/cotangent.ts';
import { filled, zeros } from '../primitives/create.ts';
import { structuralKey } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import { leafCount, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, checkOptions, checkWhole } from '../tensor/check.ts';
import { isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, type ValueType } from '../tensor/type.ts';
import { executor } from '../trace/executor.ts';
import { evaluateProgram, type TracedProgram, trace } from '../trace/trace.ts';
import { DerivedPrograms } from './derived.ts';
import { linearizeInto } from './linearize-program.ts';
import { known } from './remember.ts';
import { argumentPaths, flattenTensors, type TracedFunction, traceTree } from './trace-tree.ts';
import { transposeInto } from './transpose-program.ts';
import type { Argnums, Arguments, Chosen } from './types.ts';

/** Options of `grad` and `valueAndGrad`. */
export interface GradOptions<N extends Argnums> {
  /** Position of the argument to differentiate in, or several; 0 when left out. */
  readonly argnums?: N;
  /** Whether f returns an auxiliary value as well. */
  readonly hasAux?: false;
}

/** Options for a function that returns `[scalar, auxiliary]`. */
export interface GradWithAuxOptions<N extends Argnums> {
  /** Position of the argument to differentiate in, or several; 0 when left out. */
  readonly argnums?: N;
  /** Whether f returns an auxiliary value as well. */
  readonly hasAux: true;
}

/**
 * The gradient of a scalar function, by reverse mode: a function of the same arguments that gives
 * the derivative in the first one (or those of `argnums`), in its structure.
 *
 * Arguments are trees: tensors, numbers, typed arrays or ndarrays in arrays and plain objects.
 * With `hasAux`, f returns `[scalar, auxiliary]` and the result is `[gradient, auxiliary]`.
 *
 * @throws ShapeError when the result of f is not a scalar.
 * @throws DTypeError when an argument to differentiate in is not of a float dtype.
 * @see Griewank and Walther, Evaluating Derivatives (2008), chapter 3.
 */
export function grad<A extends readonly unknown[], X, const N extends Argnums = 0>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradWithAuxOptions<N>,
): (...args: Arguments<A>) => [Chosen<A, N>, X];
export function grad<A extends readonly unknown[] = readonly Tensor[], const N extends Argnums = 0>(
  f: (...args: A) => Tensor,
  options?: GradOptions<N>,
): (...args: Arguments<A>) => Chosen<A, N>;
export function grad(
  f: (...args: never) => unknown,
  options: { argnums?: Argnums; hasAux?: boolean } = {},
): (...args: readonly unknown[]) => unknown {
  checkFunction('grad', 'the first argument', f);
  checkOptions('grad', options, ['argnums', 'hasAux']);
  return (...args) => {
    const { aux, gradients } = differentiate('grad', f, args, options);
    return options.hasAux ? [gradients, aux] : gradients;
  };
}

/**
 * The value of a scalar function together with its gradient, for the price of the gradient; see
 * `grad`. With `hasAux` the result is `[[value, auxiliary], gradient]`.
 */
export function valueAndGrad<A extends readonly unknown[], X, const N extends Argnums = 0>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradWithAuxOptions<N>,
): (...args: Arguments<A>) => [[Tensor, X], Chosen<A, N>];
export function valueAndGrad<
  A extends readonly unknown[] = readonly Tensor[],
  const N extends Argnums = 0,
>(
  f: (...args: A) => Tensor,
  options?: GradOptions<N>,
): (...args: Arguments<A>) => [Tensor, Chosen<A, N>];
export function valueAndGrad(
  f: (...args: never) => unknown,
  options: { argnums?: Argnums; hasAux?: boolean } = {},
): (...args: readonly unknown[]) => unknown {
  checkFunction('valueAndGrad', 'the first argument', f);
  checkOptions('valueAndGrad', options, ['argnums', 'hasAux']);
  return (...args) => {
    const { value, aux, gradients } = differentiate('valueAndGrad', f, args, options);
    return [options.hasAux ? [value, aux] : value, gradients];
  };
}

function differentiate(
  name: string,
  f: (...args: never) => unknown,
  args: readonly unknown[],
  { argnums = 0, hasAux = false }: { argnums?: Argnums; hasAux?: boolean },
): { value: Tensor | undefined; aux: unknown; gradients: unknown } {
  const [leaves, treedef] = flattenTensors(args);
  const types = leaves.map((leaf) => leaf.type);
  const chosen = chooseLeaves(name, treedef, argnums);
  checkDifferentiable(
    name,
    treedef,
    types,
    chosen.flatMap(({ leaves: l }) => l),
  );

  const active = leaves.map((_, i) => chosen.some(({ leaves: l }) => l.includes(i)));
  const traced = traceTree(name, f, treedef, types, known(leaves, active));
  checkScalar(name, traced, hasAux);
  const offset = traced.captures.length;
  const wrt = chosen.flatMap(({ leaves: l }) => l.map((i) => i + offset));
  const { program, captures } = gradProgram(traced.program, wrt);
  const results = evaluateProgram(program, [...captures, ...traced.captures, ...leaves]);

  const outputs = traced.program.outputs.length;
  let next = outputs;
  const gradients = chosen.map(({ treedef: tree, leaves: l }) => {
    const part = unflatten<unknown>(tree, results.slice(next, next + l.length));
    next += l.length;
    return part;
  });
  const auxTree = traced.result.kind === 'array' ? traced.result.children[1] : undefined;
  return {
    value: results[0],
    aux: hasAux && auxTree ? unflatten<unknown>(auxTree, results.slice(1, outputs)) : undefined,
    gradients: typeof argnums === 'number' ? gradients[0] : gradients,
  };
}

/** Leaves and structure of each argument that `argnums` names. */
export function chooseLeaves(
  name: string,
  args: TreeDef,
  argnums: Argnums,
): { treedef: TreeDef; leaves: number[] }[] {
  const children = args.kind === 'array' ? args.children : [];
  let next = 0;
  const places = children.map((treedef) => {
    const first = next;
    next += leafCount(treedef);
    return { treedef, leaves: Array.from({ length: next - first }, (_, i) => first + i) };
  });
  return [argnums].flat().map((argnum) => {
    checkWhole(name, 'argnums', argnum, 0);
    const place = places[argnum];
    if (!place) {
      throw new RangeError(
        `${name}: argnums names argument ${argnum}, but the function was called with ${children.length}.`,
      );
    }
    return place;
  });
}

/** Refuses integers and masks among the leaves to differentiate in. */
export function checkDifferentiable(
  name: string,
  args: TreeDef,
  types: readonly ValueType[],
  leaves: readonly number[],
): void {
  for (const leaf of leaves) {
    const type = types[leaf];
    if (type?.kind === 'tensor' && isFloat(type.dtype)) continue;
    const path = argumentPaths(args)[leaf] ?? 'an argument';
    throw new DTypeError(
      `${name}: ${path} is ${type ? describeType(type) : 'missing'}; derivatives exist for float32 and float64 only. Use astype, or leave it out of argnums.`,
    );
  }
}

function checkScalar(name: string, { result, program }: TracedFunction, hasAux: boolean): void {
  const head = hasAux && result.kind === 'array' ? result.children[0] : result;
  if ((hasAux && (result.kind !== 'array' || result.children.length !== 2)) || !head) {
    throw new TypeError(`${name}: with hasAux the function must return [scalar, auxiliary].`);
  }
  const type = program.outputs[0]?.type;
  const scalar =
    head.kind === 'leaf' &&
    type?.kind === 'tensor' &&
    type.shape.length === 0 &&
    isFloat(type.dtype);
  if (scalar) return;
  const got = head.kind === 'leaf' && type ? describeType(type) : 'not a single tensor';
  throw new ShapeError(
    `${name}: the function must return one float scalar; its result is ${got}. Reduce it with sum() or mean(), or use vjp for a result of any shape.`,
  );
}

const gradPrograms = new DerivedPrograms();

/**
 * `[...captures, ...inputs] -> [...outputs, ...gradients]` of a Program whose first output is a scalar, in the inputs
 * at the positions `wrt`.
 */
function gradProgram(program: Program, wrt: readonly number[]): TracedProgram {
  return gradPrograms.get(`${structuralKey(program)}|${wrt}`, () => {
    const simple = executor().simplify(program);
    const active = simple.inputs.map((_, i) => wrt.includes(i));
    return trace(
      simple.inputs.map((input) => input.type),
      (...inputs) => {
        const linear = linearizeInto(simple, inputs, active);
        const map = trace(
          wrt.flatMap((i) => inputs[i]?.type ?? []),
          (...tangents) => {
            const all = inputs.map((_, i) => tangents[wrt.indexOf(i)] ?? null);
            const [value] = linear.pushforward(all);
            return value ? [value] : [];
          },
          { name: 'grad' },
        );
        const sums = wrt.map((i) => new Cotangent(denseType(simple.inputs[i]?.type)));
        const [value] = linear.outputs;
        if (value && map.program.outputs.length > 0) {
          const seed = filled(denseType(value.type), 1);
          transposeInto(map.program, [...map.captures, ...sums], [seed]);
        }
        return [...linear.outputs, ...sums.map((ct) => ct.get() ?? zeros(ct.dense()))];
      },
      { name: 'grad' },
    );
  });
}

function denseType(type: ValueType | undefined): TensorType {
  if (type?.kind === 'tensor') return type;
  throw new TypeError('A stack of loop residuals cannot be differentiated in from outside.');
}
