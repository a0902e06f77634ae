import * as core from '@grad/core';
import { type Tensor, tensor } from '@grad/core';
import { arg, type Call, calls, higher, options } from './misuse-call.ts';
import { spaceCalls } from './misuse-spaces.ts';

const rows = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const square = tensor([
  [2, 1],
  [1, 3],
]);
const vector = tensor([1, 2, 3]);
const whole = tensor([0, 1, 1], { dtype: 'int32' });
const mask = tensor([true, false, true]);

const x = arg('tensor', rows);
const v = arg('tensor', vector);
const m = arg('tensor', square);
/** Symmetric and positive definite. */
const invertible = arg(
  'tensor',
  tensor([
    [2, 1],
    [1, 3],
  ]),
);
const index = arg('index', whole);
/** Whole numbers, where masks go as well. */
const wholes = arg('tensor', whole);
const axis = arg('axis', 0);
const flag = arg('flag', true);
const count = arg('count', 2);
const number = arg('number', 0.5);
const key = arg('index', core.random.key(1));

const floatDtype = options({ dtype: arg('dtype', 'float32') });
const ofAxis = options({ axis });
const reduce = options({ axis, keepdims: flag });

const add = (a: Tensor, b: Tensor): Tensor => a.add(b);
const total = arg('scalar function', (a: Tensor) => a.square().sum());
const smooth = arg('function', (a: Tensor) => a.sin());
const caller = arg('caller', (a: Tensor) => a.sin());
const product = arg('function', (a: Tensor, b: Tensor) => a.mul(b));

const unary =
  'abs ceil cos exp expm1 floor isfinite isnan log log1p neg relu round sigmoid sign sin sqrt square tan tanh acos asin atan acosh asinh atanh cosh digamma isinf log2 log10 erf erfc erfinv lgamma rsqrt sinh softplus';
const binary = 'add div eq ge gt le lt maximum minimum mod mul ne pow sub atan2 hypot';

const state = arg('tree', { y: vector, n: tensor(0, { dtype: 'int32' }) });
const body = arg('function', ({ y, n }: { y: Tensor; n: Tensor }) => ({ y, n: n.add(1) }));

/** Right calls of public functions, each of which becomes wrong by one change. */
export const rightCalls: readonly Call[] = [
  ...calls(unary, [x]),
  ...calls(binary, [x, x]),
  ...calls('bitwiseAnd bitwiseOr bitwiseXor leftShift rightShift rightShiftLogical', [
    wholes,
    wholes,
  ]),
  ...calls('bitwiseNot', [wholes]),
  ...calls('logicalAnd logicalOr', [arg('mask', mask), arg('mask', mask)]),
  ...calls('logicalNot', [arg('mask', mask)]),
  ...calls('polygamma', [count, x]),
  ...calls('clip', [x, arg('value', rows), arg('value', rows)]),
  ...calls('where', [arg('mask', mask), v, v]),
  ...calls('sum mean prod max min', [x, reduce]),
  ...calls('all any', [arg('tensor', mask), reduce]),
  ...calls('variance std', [x, options({ axis, keepdims: flag, ddof: arg('number', 0) })]),
  ...calls('logsumexp median', [x, reduce]),
  ...calls('quantile', [x, arg('number', 0.5), reduce]),
  ...calls('softmax logSoftmax', [x, ofAxis]),
  ...calls('argmax argmin', [x, options({ axis, keepdims: flag })]),
  ...calls('cumsum cumprod cummax cummin', [x, options({ axis, reverse: flag })]),
  ...calls('reshape', [x, arg('shape', [3, 2])]),
  ...calls('broadcastTo', [x, arg('shape', [4, 2, 3])]),
  ...calls('transpose', [x, arg('list', [1, 0])]),
  ...calls('moveAxis', [x, axis, axis]),
  ...calls('expandDims', [x, axis]),
  ...calls('squeeze', [arg('tensor', tensor([[1, 2]])), axis]),
  ...calls('concatenate stack', [arg('list of tensors', [rows, rows]), ofAxis]),
  ...calls('at', [x, arg('number', 1), arg('range', [0, 2])]),
  ...calls('flip', [x, ofAxis]),
  ...calls('roll', [x, arg('number', 1), ofAxis]),
  ...calls('pad', [v, arg('list of pairs', [[1, 1]]), options({ value: number })]),
  ...calls('tile', [x, arg('shape', [2, 1])]),
  ...calls('split', [x, arg('list of numbers', [1]), ofAxis]),
  ...calls('matmul dot', [m, m]),
  ...calls('einsum', [arg('text', 'ij,jk->ik'), m, m]),
  ...calls(
    'tril triu diagonal trace',
    [x, options({ offset: arg('number', 1) })],
    core.linalg,
    'linalg.',
  ),
  ...calls('diag', [v, options({ offset: arg('number', 1) })], core.linalg, 'linalg.'),
  ...calls('inv det slogdet lu qr expm', [invertible], core.linalg, 'linalg.'),
  ...calls('cholesky', [invertible, options({ symmetrize: flag })], core.linalg, 'linalg.'),
  ...calls('solve lstsq', [invertible, m], core.linalg, 'linalg.'),
  ...calls(
    'triangularSolve',
    [invertible, m, options({ lower: flag, transposed: flag, unitDiagonal: flag })],
    core.linalg,
    'linalg.',
  ),
  ...calls('matrixPower', [invertible, arg('number', 2)], core.linalg, 'linalg.'),
  ...calls('norm', [x, options({ axis, ord: number, keepdims: flag })], core.linalg, 'linalg.'),
  ...calls('kron', [x, m], core.linalg, 'linalg.'),
  ...calls('outer', [v, v], core.linalg, 'linalg.'),
  ...calls('take', [x, arg('index', tensor([0, 1], { dtype: 'int32' })), ofAxis]),
  ...calls('gather', [v, index, ofAxis]),
  ...calls('scatter', [v, index, v, options({ mode: arg('text', 'add'), axis })]),
  ...calls('segmentSum segmentMax', [v, index, options({ count })]),
  ...calls('dynamicSlice', [v, arg('list of numbers', [1]), arg('shape', [2])]),
  ...calls('dynamicUpdateSlice', [v, arg('tensor', tensor([9, 9])), arg('list of numbers', [1])]),
  ...calls('oneHot', [index, count, floatDtype]),
  ...calls('searchsorted', [v, x, options({ side: arg('text', 'left') })]),
  ...calls('nonzero', [x, options({ size: count, fill: arg('number', 0) })]),
  ...calls('sort argsort', [x, options({ axis, descending: flag })]),
  ...calls('topK', [v, count, ofAxis]),
  ...calls('tensor', [x, floatDtype]),
  ...calls('zeros ones', [arg('shape', [2, 3]), floatDtype]),
  ...calls('full', [arg('shape', [2, 3]), number, floatDtype]),
  ...calls('eye', [count, count, floatDtype]),
  ...calls('arange', [number, number, number, floatDtype]),
  ...calls('meshgrid', [arg('list of tensors', [vector, vector])]),
  ...calls('linspace', [number, number, count, floatDtype]),
  ...calls('key', [arg('number', 3)], core.random, 'random.'),
  ...calls('keys split', [key, count], core.random, 'random.'),
  ...calls('foldIn', [key, arg('value', 3)], core.random, 'random.'),
  ...calls('bits', [key, arg('shape', [2])], core.random, 'random.'),
  ...calls(
    'uniform normal exponential gumbel',
    [key, arg('shape', [2]), floatDtype],
    core.random,
    'random.',
  ),
  ...calls('bernoulli', [key, arg('value', vector), arg('shape', [3])], core.random, 'random.'),
  ...calls('categorical', [key, x, arg('shape', [2])], core.random, 'random.'),
  ...calls(
    'randint',
    [key, arg('number', 0), arg('number', 9), arg('shape', [2])],
    core.random,
    'random.',
  ),
  ...calls('permutation', [key, v], core.random, 'random.'),
  higher(
    'grad',
    [total, options({ argnums: axis, hasAux: arg('flag', false) }), arg('float', vector)],
    1,
  ),
  higher('valueAndGrad', [total, options({ argnums: axis }), arg('float', vector)], 1),
  higher('jacfwd', [caller, arg('float', vector)], 1),
  higher('jacrev', [caller, arg('float', vector)], 1),
  higher('sparseJacobian', [caller, options({ argnums: axis }), arg('float', vector)], 1),
  higher('hessian', [total, arg('float', vector)], 1),
  ...calls('hvp', [total, arg('float', vector), arg('float', vector)]),
  ...calls('jvp', [caller, arg('list', [vector]), arg('list', [vector])]),
  ...calls('vjp linearize', [caller, arg('float', vector)]),
  higher(
    'linearTranspose',
    [arg('function', (a: Tensor) => a.mul(2)), arg('float', vector), arg('float', vector)],
    1,
  ),
  {
    name: 'pullback',
    run: (f, at, ct) => {
      const [, pull] = Reflect.apply(core.vjp, undefined, [f, at]);
      return Reflect.apply(pull, undefined, [ct]);
    },
    args: [smooth, arg('float', vector), arg('float', vector)],
  },
  higher(
    'vmap',
    [
      caller,
      options({ inAxes: axis, outAxes: axis, axisSize: arg('count', 3) }),
      arg('value', vector),
    ],
    1,
  ),
  higher(
    'jit',
    [caller, options({ staticArgs: arg('list of numbers', []) }), arg('value', vector)],
    1,
  ),
  higher('checkpoint', [caller, arg('value', vector)], 1),
  higher(
    'customJvp',
    [
      smooth,
      arg('function', ([a]: readonly [Tensor], [b]: readonly [Tensor]) => [
        a.sin(),
        b.mul(a.cos()),
      ]),
      arg('value', vector),
    ],
    1,
  ),
  higher(
    'customVjp',
    [
      smooth,
      options({
        fwd: arg('function', (a: Tensor) => [a.sin(), a]),
        bwd: arg('function', (a: Tensor, ct: Tensor) => [ct.mul(a.cos())]),
      }),
      arg('value', vector),
    ],
    1,
  ),
  ...calls('scan', [
    arg('function', (c: Tensor, a: Tensor) => [c.add(a), a]),
    arg('value', tensor(0.5)),
    arg('value', vector),
    options({ length: arg('count', 3), reverse: flag, checkpoint: arg('value', 'store') }),
  ]),
  ...calls('foriLoop', [
    arg('number', 0),
    arg('number', 3),
    arg('function', (_: Tensor, c: Tensor) => c),
    arg('value', vector),
  ]),
  ...calls('whileLoop', [
    arg('function', ({ n }: { y: Tensor; n: Tensor }) => n.lt(3)),
    body,
    arg('value', state.value),
    options({ maxSteps: arg('count', 9), checkpoint: arg('value', 'store') }),
  ]),
  ...calls('cond', [arg('mask', tensor(true)), smooth, smooth, arg('value', vector)]),
  ...calls('switchCase', [
    arg('index', tensor(1, { dtype: 'int32' })),
    arg(
      'list',
      [Math.sin, add].map(() => (a: Tensor) => a.sin()),
    ),
    arg('value', vector),
  ]),
  ...calls('map', [caller, arg('value', vector)]),
  ...calls('associativeScan', [product, v, options({ reverse: flag })]),
  ...calls('implicitRoot', [
    arg('function', (a: Tensor, b: Tensor) => a.mul(2).sub(b)),
    arg('caller', (b: Tensor) => b.div(2)),
    arg('value', vector),
    options({ linearSolve: arg('function', (_: unknown, b: Tensor) => b.div(2)) }),
  ]),
  ...calls('implicitLinearSolve', [
    arg('function', (a: Tensor) => a.mul(2)),
    arg('value', vector),
    options({ solve: arg('function', (_: unknown, b: Tensor) => b.div(2)), symmetric: flag }),
  ]),
  ...calls(
    'map',
    [
      arg('caller', (leaf: Tensor) => leaf.mul(2)),
      arg('tree', { a: vector }),
      arg('tree', { a: vector }),
    ],
    core.tree,
    'tree.',
  ),
  ...calls('eigh eigvalsh', [m], core.linalg, 'linalg.'),
  ...calls('svd', [x, options({ fullMatrices: flag })], core.linalg, 'linalg.'),
  ...calls('svdvals cond', [x], core.linalg, 'linalg.'),
  ...calls('pinv matrixRank', [x, options({ rtol: number })], core.linalg, 'linalg.'),
  ...calls('matrixFunction', [arg('function', (w: Tensor) => w.sin()), m], core.linalg, 'linalg.'),
  ...calls('ravel', [arg('value', { a: vector })], core.tree, 'tree.'),
  ...spaceCalls,
];
