import * as core from '@grad/core';
import { type Tensor, tensor } from '@grad/core';
import * as testing from '@grad/core/testing';
import {
  type Argument,
  arg,
  type Call,
  calls,
  higher,
  options,
  publicFunction,
} from './misuse-call.ts';

const { complex, fft, random, sparse, tree } = core;

const vector = tensor([1, 2, 3]);
const rows = tensor([
  [1, 2, 3, 4],
  [5, 6, 7, 8],
]);
const half = tensor([0.5, 0.25, 0.125]);
const square = [
  [4, 1, 0],
  [1, 5, 2],
  [0, 2, 6],
];

const v = arg('tensor', vector);
const x = arg('tensor', rows);
const flag = arg('flag', true);
const axis = arg('axis', 0);
const count = arg('count', 2);
const axes = arg('axes', [0]);
const key = arg('index', random.key(1));
const floatDtype = options({ dtype: arg('dtype', 'float32') });
const shape = arg('shape', [3]);
const pair = { re: vector, im: half };

const z = arg('complex', { re: rows, im: rows });
const w = arg('complex', pair);
const norm = arg('text', 'ortho');
const oneAxis = options({ n: arg('count', 4), axis, norm });
const severalAxes = options({ shape: arg('shape', [2, 4]), axes: arg('axes', [0, 1]), norm });

const matrix = sparse.fromDense(tensor(square));
const s = arg('sparse matrix', matrix);
const position = (...list: number[]): Argument => arg('positions', list);
const krylov = {
  tolerance: arg('tolerance', 1e-8),
  maxIterations: count,
  preconditioner: arg('text', 'jacobi'),
};

const images = arg('tensor', core.ones([1, 1, 4, 4]));
const windows = {
  size: count,
  strides: arg('count', 1),
  padding: arg('padding', 'same'),
};
const smooth = arg('function', (a: Tensor) => a.sin());
const list = arg('value', [vector]);

const fourier: readonly Call[] = [
  ...calls('fft ifft', [z, oneAxis], fft, 'fft.'),
  ...calls('rfft', [x, oneAxis], fft, 'fft.'),
  ...calls('irfft', [z, oneAxis], fft, 'fft.'),
  ...calls('fft2 ifft2 fftn ifftn', [z, severalAxes], fft, 'fft.'),
  ...calls('rfft2 rfftn', [x, severalAxes], fft, 'fft.'),
  ...calls('irfft2 irfftn', [z, severalAxes], fft, 'fft.'),
  ...calls('fftshift ifftshift', [z, options({ axes })], fft, 'fft.'),
  ...calls(
    'fftfreq rfftfreq',
    [count, options({ spacing: arg('number', 0.5), dtype: arg('dtype', 'float32') })],
    fft,
    'fft.',
  ),
  ...calls('fastLength', [count], fft, 'fft.'),
  ...calls('fftconvolve', [v, v, options({ mode: arg('text', 'same'), axes })], fft, 'fft.'),
];

const complexNumbers: readonly Call[] = [
  ...calls('mul div', [w, w], complex, 'complex.'),
  ...calls('conj abs abs2 angle', [w], complex, 'complex.'),
  ...calls('fromPolar', [v, v], complex, 'complex.'),
];

const randomNumbers: readonly Call[] = [
  ...calls('truncatedNormal', [key, shape, floatDtype], random, 'random.'),
  ...calls('gamma logGamma', [key, v, shape, floatDtype], random, 'random.'),
  ...calls('beta', [key, v, v, shape, floatDtype], random, 'random.'),
  ...calls('dirichlet', [key, v, shape, floatDtype], random, 'random.'),
];

const sparseMatrices: readonly Call[] = [
  ...calls(
    'coo',
    [
      options({
        shape: arg('extents', [3, 3]),
        rows: position(0, 1, 2),
        columns: position(0, 1, 2),
        data: arg('value', vector),
      }),
    ],
    sparse,
    'sparse.',
  ),
  ...calls(
    'csr',
    [
      options({
        shape: arg('extents', [3, 3]),
        indptr: position(0, 1, 2, 3),
        indices: position(0, 1, 2),
        data: arg('value', vector),
      }),
    ],
    sparse,
    'sparse.',
  ),
  ...calls('fromDense', [arg('tensor', tensor(square))], sparse, 'sparse.'),
  ...calls('toDense diagonal transpose cholesky lu', [s], sparse, 'sparse.'),
  ...calls('jacobi ilu0 ic0 multigrid', [s], sparse, 'sparse.'),
  ...calls('add', [s, s], sparse, 'sparse.'),
  ...calls('scale', [s, arg('tensor', tensor(2))], sparse, 'sparse.'),
  ...calls('matvec', [s, v], sparse, 'sparse.'),
  ...calls('matmul', [s, arg('tensor', tensor(square))], sparse, 'sparse.'),
  ...calls('factorSize', [arg('sparse matrix', matrix.pattern)], sparse, 'sparse.'),
  ...calls('solve', [s, v, options({ ...krylov, method: arg('text', 'cg') })], sparse, 'sparse.'),
  ...calls('cg bicgstab minres', [s, v, options(krylov)], sparse, 'sparse.'),
  ...calls('gmres', [s, v, options({ ...krylov, restart: count })], sparse, 'sparse.'),
  ...calls(
    'triangularSolve',
    [s, v, options({ upper: flag, unit: flag, transposed: flag })],
    sparse,
    'sparse.',
  ),
];

const trees: readonly Call[] = [
  ...calls('leaves flatten', [arg('structure', { a: vector })], tree, 'tree.'),
  {
    name: 'tree.unflatten',
    run: (given, leaves) => publicFunction('unflatten', tree)(given, leaves),
    args: [arg('options', tree.flatten([vector])[1]), arg('value', [vector])],
  },
];

const tests: readonly Call[] = [
  ...calls(
    'checkGrads',
    [
      smooth,
      arg('structure', [vector]),
      options({
        order: arg('count', 1),
        modes: arg('list', ['fwd']),
        rtol: arg('tolerance', 1e-3),
        atol: arg('tolerance', 1e-3),
        eps: arg('tolerance', 1e-4),
      }),
    ],
    testing,
  ),
  ...calls('dotProductTest', [smooth, arg('float', vector)], testing),
  ...calls(
    'taylorTest',
    [
      arg('function', (a: Tensor) => a.sin().sum()),
      arg('float', vector),
      options({ eps: arg('tolerance', 0.01) }),
    ],
    testing,
  ),
  ...calls(
    'allclose',
    [
      list,
      list,
      options({ rtol: arg('tolerance', 0.1), atol: arg('tolerance', 0.1), equalNan: flag }),
    ],
    testing,
  ),
];

/** Calls of functions that are not in `misuse-calls.ts`, by their part of the library. */
export const spaceCalls: readonly Call[] = [
  ...fourier,
  ...complexNumbers,
  ...randomNumbers,
  ...sparseMatrices,
  ...trees,
  ...tests,
  ...calls('gammainc gammaincc', [v, v]),
  ...calls('betainc', [v, v, arg('tensor', half)]),
  ...calls('bitcast', [v, arg('dtype', 'float64')]),
  ...calls('stopGradient', [arg('whole tree', vector)]),
  ...calls('checkpointName', [arg('whole tree', vector), arg('label', 'name')]),
  ...calls('slice', [x, arg('bounds', [0, 1]), arg('bounds', [2, 3])]),
  ...calls('fromNdarray', [arg('tensor', vector.ndarray())]),
  ...calls('conv', [
    images,
    arg('tensor', core.ones([1, 1, 2, 2])),
    options({
      strides: arg('count', 1),
      padding: arg('padding', 'same'),
      dilation: arg('count', 1),
      inputDilation: arg('count', 1),
      groups: arg('count', 1),
    }),
  ]),
  ...calls('convTranspose', [
    images,
    arg('tensor', core.ones([1, 1, 2, 2])),
    options({
      strides: arg('count', 2),
      padding: arg('padding', 0),
      outputPadding: arg('count', 1),
      dilation: arg('count', 1),
      groups: arg('count', 1),
    }),
  ]),
  ...calls('maxPool', [images, options({ ...windows, dilation: arg('count', 1) })]),
  ...calls('avgPool', [images, options({ ...windows, countIncludePad: flag })]),
  ...calls('gridSample', [
    arg('tensor', core.ones([1, 1, 4, 4])),
    arg('tensor', core.zeros([1, 2, 2, 2])),
    options({
      mode: arg('text', 'bilinear'),
      padding: arg('text', 'zeros'),
      alignCorners: flag,
    }),
  ]),
  higher('program', [arg('caller', (a: Tensor) => a.sin()), arg('structure', vector)], 1),
  ...calls('explain', [arg('caller', (a: Tensor) => a.sin()), arg('structure', vector)]),
  ...calls('callback', [
    arg('function', (a: Tensor) => a),
    options({ shape: arg('shape', [3]), dtype: arg('dtype', 'float64') }),
    arg('whole tree', vector),
  ]),
  ...calls('setReproducible', [arg('boolean', false)]),
  ...calls('setThreads', [arg('count', 1)]),
  ...calls('setDebug', [options({ nans: arg('boolean', false), infs: arg('boolean', false) })]),
];
