import { isTensor, ShapeError, sparse, type Tensor, type TensorLike, tensor } from '@grad/core';
import { initializers } from '@grad/nn';
import { checkCount, matrix } from './check.ts';

/** Numbers at the nodes, dense or as a sparse matrix. */
export type Features = TensorLike | sparse.SparseMatrix;

/** How a layer with weights starts. */
export interface GraphLayerOptions {
  /** Whether something is added to the result; true when left out. */
  readonly bias?: boolean;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** A weight `[inputs, outputs]` by Glorot's rule. */
export function drawWeight(
  key: Tensor,
  inputs: number,
  outputs: number,
  dtype: 'float32' | 'float64' = 'float32',
): Tensor {
  return initializers.glorotUniform()(key, [inputs, outputs], { dtype, inAxis: 0, outAxis: 1 });
}

/** Refuses sizes that are no whole numbers. */
export function checkSizes(name: string, inputs: number, outputs: number): void {
  checkCount(name, 'the number of inputs', inputs);
  checkCount(name, 'the number of outputs', outputs);
}

/** A parameter, which must have its shape. */
export function parameter(
  name: string,
  what: string,
  given: Tensor | undefined,
  shape: readonly number[],
): Tensor {
  if (!isTensor(given)) {
    throw new TypeError(
      `${name}: the parameters have no tensor '${what}'; they are what init(key) of this layer gives.`,
    );
  }
  if (given.ndim === shape.length && given.shape.every((n, i) => n === shape[i])) return given;
  throw new ShapeError(
    `${name}: the parameter '${what}' has shape [${given.shape.join(', ')}]; this layer needs [${shape.join(', ')}]. Use what init(key) of the same layer gives.`,
  );
}

/** x as a matrix `[nodes, inputs]` in the dtype of a parameter. */
export function inputOf(
  name: string,
  x: TensorLike,
  nodes: number,
  inputs: number,
  like: Tensor,
): Tensor {
  const made = matrix(name, 'x', x, nodes, inputs);
  return made.dtype === like.dtype ? made : made.astype(like.dtype);
}

/** x W of a dense or sparse x. */
export function linear(name: string, x: Features, weight: Tensor, nodes: number): Tensor {
  const [inputs = 0] = weight.shape;
  if (!isSparse(x)) return inputOf(name, x, nodes, inputs, weight).matmul(weight);
  const [rows, columns] = x.pattern.shape;
  if (rows !== nodes || columns !== inputs) {
    throw new ShapeError(
      `${name}: x is a sparse matrix of shape [${rows}, ${columns}]; it must be [${nodes}, ${inputs}].`,
    );
  }
  const data = isTensor(x.data) ? x.data : tensor(x.data);
  return sparse.matmul({ data: data.astype(weight.dtype), pattern: x.pattern }, weight);
}

function isSparse(x: Features): x is sparse.SparseMatrix {
  return typeof x === 'object' && 'pattern' in x;
}
