import { flattenIndex, type Index } from '../kernel/affine.ts';
import type { Buffer } from '../kernel/expr.ts';
import type { Kernel, Statement } from '../kernel/statement.ts';
import type { Equation, Var } from '../program/program.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { CutError, CutRequest, loopsOf, positionsIn, visitBoxes, wholeBox } from './boxes.ts';
import type { Cluster, Fusion } from './fuse.ts';
import { emitNest } from './nest.ts';
import { loweringOf } from './probe.ts';
import { rowIndices } from './rows.ts';
import type { Sites } from './sites.ts';
import { constantIndices, dense, moveIndex, placeIndex, wrap } from './space.ts';
import { Values } from './values.ts';

/** Parts of an iteration space in one kernel, at most. */
const boxLimit = 36;

/** A call of a kernel: which variable each of its parameters stands for. */
export interface KernelStep {
  readonly kind: 'kernel';
  readonly kernel: Kernel;
  readonly loads: ReadonlyMap<Var, Buffer>;
  readonly stores: ReadonlyMap<Var, Buffer>;
  /** A result that takes over the memory of an operand. */
  readonly inPlace?: { readonly operand: Var; readonly result: Var };
}

/**
 * Code for one cluster. `needed` holds the variables that must be stored, and receives those that
 * this kernel loads, so clusters are emitted from the last one to the first. Undefined when
 * nothing needs the cluster.
 */
export function emitKernel(
  fusion: Fusion,
  cluster: Cluster,
  needed: Set<Var>,
  sites: Sites,
): KernelStep | undefined {
  const roots = cluster.equations
    .flatMap((equation) => equation.outputs)
    .filter((v) => needed.has(v) && sizeOf(dense(v.type).shape) > 0);
  if (roots.length === 0) return undefined;
  const values = new Values(fusion, cluster, sites);
  const { body, inPlace } = emitBody(cluster, roots, values);
  for (const v of values.loads.keys()) needed.add(v);
  return {
    kind: 'kernel',
    kernel: {
      name: nameOf(cluster),
      params: [...values.loads.values(), ...values.stores.values()],
      body,
    },
    loads: values.loads,
    stores: values.stores,
    ...(inPlace && { inPlace }),
  };
}

function emitBody(
  cluster: Cluster,
  roots: readonly Var[],
  values: Values,
): { body: Statement[]; inPlace?: { operand: Var; result: Var } | undefined } {
  try {
    return emitStatements(cluster, roots, values);
  } catch (error) {
    const uncut = error instanceof CutError || error instanceof CutRequest;
    throw uncut ? new PartsError(values.parts) : error;
  }
}

function emitStatements(
  cluster: Cluster,
  roots: readonly Var[],
  values: Values,
): { body: Statement[]; inPlace?: { operand: Var; result: Var } | undefined } {
  const [first] = cluster.equations;
  if (cluster.kind === 'nest' && first) {
    const own = new Set(first.outputs);
    const body = emitNest(first, values, roots, (index, shape) =>
      roots
        .filter((root) => !own.has(root))
        .map((root) => store(values, root, moved(index, shape, root))),
    );
    const inPlace = inPlaceOf(first);
    // An update of no elements is still the result.
    if (inPlace) values.store(inPlace.result);
    return { body, inPlace };
  }
  // In order of the equations, so that no value is reached through a long chain of others.
  const inside = cluster.equations.flatMap((equation) => equation.outputs);
  if (cluster.kind === 'small') {
    for (const v of inside) {
      for (const index of constantIndices(dense(v.type).shape)) values.at(v, index);
    }
    const body = roots.flatMap((root) =>
      constantIndices(dense(root.type).shape).map((index) => store(values, root, index)),
    );
    return { body };
  }
  const shape = cluster.rows ?? [];
  const body = visitBoxes(wholeBox(shape), boxLimit, (box) => {
    const positions = positionsIn(box);
    values.row = positions;
    const places = (v: Var): Index[] => {
      const own = dense(v.type).shape;
      const inRow = values.rowsOf(v) && rowIndices(own, shape, positions);
      return inRow ?? [placeIndex(own, positions)];
    };
    for (const v of inside) for (const index of places(v)) values.at(v, index);
    const stores = roots.flatMap((v) => places(v).map((index) => store(values, v, index)));
    return wrap(loopsOf(box), true, stores);
  });
  return { body: body.flat() };
}

/** Values in parts that cannot be computed where they were fused. */
export class PartsError extends Error {
  readonly values: ReadonlySet<Var>;

  constructor(values: ReadonlySet<Var>) {
    super('An iteration space cannot be cut into few parts.');
    this.values = values;
  }
}

function moved(index: Index, shape: Shape, root: Var): Index {
  return moveIndex(index, shape, dense(root.type).shape);
}

/** The statement that stores a value of this kernel at a position. */
function store(values: Values, variable: Var, index: Index): Statement {
  const value = values.at(variable, index);
  const { shape } = dense(variable.type);
  return { do: 'store', buffer: values.store(variable), index: flattenIndex(index, shape), value };
}

function inPlaceOf(equation: Equation): { operand: Var; result: Var } | undefined {
  const lowering = loweringOf(equation);
  if (lowering.kind !== 'nest' || lowering.inPlace === undefined) return undefined;
  const operand = equation.inputs[lowering.inPlace];
  const [result] = equation.outputs;
  if (operand?.kind !== 'var' || !result) {
    throw new Error(`${equation.operation.name}: a literal cannot be updated in place.`);
  }
  return { operand, result };
}

function nameOf({ equations }: Cluster): string {
  const names = [...new Set(equations.map(({ operation }) => operation.name))];
  return names.length > 4 ? `${names.slice(0, 3).join('_')}_etc` : names.join('_');
}
