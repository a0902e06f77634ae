import { type Affine, affineConst, affineZero } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, cast, compare, constant } from '../../kernel/scalars.ts';
import { allocate, type Data, isFloat } from '../../tensor/dtype.ts';
import { DTypeError, ShapeError } from '../../tensor/shape.ts';
import { type Tensor, typeOf } from '../../tensor/tensor.ts';
import { describeType, type TensorType, tensorType, type ValueType } from '../../tensor/type.ts';
import { bind, bindOne } from '../../trace/trace.ts';
import { broadcast } from '../broadcast.ts';
import { cast as castTo } from '../cast.ts';
import {
  type Batched,
  defineOperation,
  type LowerContext,
  type Primitive,
  type Read,
  type ReferenceArray,
} from '../define.ts';
import { alignBatch } from '../elementwise.ts';
import { MatrixError } from '../factorization-error.ts';
import { forLaws, type Laws } from '../for-laws.ts';
import { reshape } from '../reshape.ts';
import { select } from '../select.ts';
import { eliminateSymmetric } from './cholesky-front.ts';
import { emitFronts, type FrontReads } from './front.ts';
import { eliminateGeneral } from './lu-front.ts';
import type { PlanTables } from './plan-tables.ts';
import { place, times } from './positions.ts';
import { referenceFactor } from './reference-factor.ts';
import { factorSamples } from './samples.ts';

export interface FactorParams {
  readonly tables: PlanTables;
}

type Context = LowerContext<number, FactorParams>;

function typeOfFactor(
  name: string,
  operands: readonly ValueType[],
  { tables: { plan } }: FactorParams,
): TensorType {
  const [values] = operands;
  if (values?.kind !== 'tensor' || values.shape.length !== 2) {
    throw new ShapeError(`${name}: values are of shape [batch, nnz].`);
  }
  const [batch = 0, nnz] = values.shape;
  if (!isFloat(values.dtype)) {
    throw new DTypeError(`${name}: works on float64 and float32; got ${describeType(values)}.`);
  }
  if (nnz !== plan.diagonal.length) {
    throw new ShapeError(
      `${name}: the pattern has ${plan.diagonal.length} entries; values are ${describeType(values)}.`,
    );
  }
  return tensorType(values.dtype, [batch, plan.factorSize]);
}

/** The lists of a plan, as operands of the operations; the last is for batches only. */
function operandsOf(tables: PlanTables): Tensor[] {
  const { table, children, relative, source, target, rowAt, diagonal } = tables;
  return [table, children, relative, source, target, rowAt, diagonal];
}

function readsOf(reads: readonly Read[]): FrontReads & { readonly rowAt: Read } {
  const [values, table, children, relative, source, target, rowAt] = reads;
  if (!values || !table || !children || !relative || !source || !target || !rowAt) {
    throw new Error('unreachable');
  }
  return { values, table, children, relative, source, target, rowAt };
}

/** What both factorizations have in common: they have no derivative, solutions have. */
function defineFactor(
  name: string,
  lower: NonNullable<Primitive['lower']>,
  kind: 'cholesky' | 'lu',
): Primitive {
  const operation: Primitive = defineOperation({
    name,
    mayFail: kind === 'cholesky',
    typeOf: (operands: readonly ValueType[], params: FactorParams) => [
      typeOfFactor(name, operands, params),
    ],
    linearizeAll: (operands: readonly Tensor[], params: FactorParams) => ({
      outputs: bind(operation, operands, params),
      active: [false],
      pushforward: () => [null],
    }),
    // An entry that is idle factorizes the identity.
    idle: [],
    vmap: (operands, batched, params: FactorParams, size, running): Batched => {
      const lists = operands.slice(kind === 'lu' ? 2 : 1);
      const given = alignBatch(operands.slice(0, -lists.length), batched);
      const diagonal = lists.at(-1);
      if (!diagonal || batched.slice(given.length).some(Boolean)) throw new Error('unreachable');
      const flat = given.map((x, i) => {
        const rest = x.shape.slice(1);
        const safe = running && i === 0 ? identityWhereIdle(x, diagonal, running) : x;
        return reshape(safe, { shape: [size * (rest[0] ?? 1), ...rest.slice(1)] });
      });
      const factor = bindOne(operation, [...flat, ...lists], params);
      const batch = given[0]?.shape[1] ?? 1;
      return {
        outputs: [reshape(factor, { shape: [size, batch, params.tables.plan.factorSize] })],
        batched: [true],
      };
    },
    lower,
  });
  return operation;
}

/* @__NO_SIDE_EFFECTS__ */
function factorLaws(operation: Primitive, kind: 'cholesky' | 'lu'): Laws {
  return forLaws<number, FactorParams>(operation, {
    reference: (
      operands: readonly ReferenceArray[],
      result: TensorType,
      { tables: { plan } }: FactorParams,
    ): Data => {
      const [batch = 0] = result.shape;
      const data = allocate(result.dtype, batch * plan.factorSize);
      for (let entry = 0; entry < batch; entry++) {
        const { factor, fault } = referenceFactor(plan, result.dtype, operands, entry);
        if (fault !== undefined) {
          const where = { entry, pivot: fault, entries: batch };
          throw new MatrixError('sparse.cholesky', 'notPositiveDefinite', where);
        }
        data.set(factor, entry * plan.factorSize);
      }
      return data;
    },
    samples: () => factorSamples(kind),
  });
}

function identityWhereIdle(values: Tensor, diagonal: Tensor, running: Tensor): Tensor {
  const { dtype, shape } = typeOf(values);
  const ones = broadcast(castTo(diagonal, { dtype }), { shape, axes: [shape.length - 1] });
  return select(broadcast(running, { shape, axes: [0] }), values, ones);
}

/**
 * The Cholesky factor of matrices of one pattern, by panels; only the lower triangle is read. Operands
 * are the values `[batch, nnz]` and the lists of the plan.
 */
export const sparseCholesky: Primitive = defineFactor(
  'sparseCholesky',
  {
    kind: 'nest',
    emit: (k, allReads, context) => {
      const { params, operands } = forFactor(context);
      const { plan } = params.tables;
      const [values] = operands;
      const reads = readsOf(allReads);
      const [batch = 0] = values?.shape ?? [];
      const dtype = values?.dtype ?? 'float64';
      const about = { entries: batch, operation: 'sparse.cholesky' };
      const site = context.site('notPositiveDefinite', plan.order, about);
      const sizes = { lu: false, panels: plan.panels, stackSize: plan.stackSize };
      emitFronts(k, reads, sizes, { dtype, batch }, (front, b) => {
        const detail = (at: Affine): Expr => binary('add', times(b, plan.order), reads.rowAt([at]));
        eliminateSymmetric(front, { site, detail });
      });
    },
  },
  'cholesky',
);

/** What the laws hold `sparseCholesky` to. */
export const sparseCholeskyLaws: Laws = factorLaws(sparseCholesky, 'cholesky');

/**
 * LU factors of matrices of one pattern, by panels. Operands are the values `[batch, nnz]`, the least
 * pivots `[batch]` and the lists of the plan. The last element of a factor is 0, or 1 + the row whose
 * pivot was the first to be changed.
 */
export const sparseLu: Primitive = defineFactor(
  'sparseLu',
  {
    kind: 'nest',
    emit: (k, [readValues, readTiny, ...lists], context) => {
      const { params, operands } = forFactor(context);
      const { plan } = params.tables;
      const [values] = operands;
      if (!readValues || !readTiny) throw new Error('unreachable');
      const reads = readsOf([readValues, ...lists]);
      const [batch = 0] = values?.shape ?? [];
      const dtype = values?.dtype ?? 'float64';
      const zero = constant(dtype, 0);
      const status = affineConst(plan.factorSize - 1);
      k.forEach([batch], ([b = affineZero]) => k.write(0, [b, status], zero));
      const sizes = { lu: true, panels: plan.panels, stackSize: plan.stackSize };
      emitFronts(k, reads, sizes, { dtype, batch }, (front, b) => {
        const tiny = front.scalar(readTiny([b])).get();
        const changed = (at: Expr): void => {
          k.choose(compare('eq', k.readResult(0, [b, status]), zero), () => {
            const row = cast(dtype, reads.rowAt([place(at)]));
            k.write(0, [b, status], binary('add', row, constant(dtype, 1)));
          });
        };
        eliminateGeneral(front, { tiny, changed });
      });
    },
  },
  'lu',
);

/** What the laws hold `sparseLu` to. */
export const sparseLuLaws: Laws = factorLaws(sparseLu, 'lu');

function forFactor(context: LowerContext<number, object>): Context {
  const { params } = context;
  if (isFactorParams(params)) return { ...context, params };
  throw new Error('unreachable');
}

function isFactorParams(params: object): params is FactorParams {
  return 'tables' in params;
}

/** The factor of values `[batch, nnz]`; for LU with the least magnitude of a pivot of each. */
export function factorize(values: Tensor, tables: PlanTables, tiny?: Tensor): Tensor {
  const params: FactorParams = { tables };
  const lists = operandsOf(tables);
  return tiny
    ? bindOne(sparseLu, [values, tiny, ...lists], params)
    : bindOne(sparseCholesky, [values, ...lists], params);
}
