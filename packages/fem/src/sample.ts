import { matmul, mul, stack, sub, type Tensor, take, tensor, vmap } from '@grad/core';
import type { Element, Natural } from './elements/element.ts';
import { elementKinds } from './elements/index.ts';
import type { Mesh } from './mesh.ts';

/** Shape functions at points of one element (or, with one more axis in front, of all). */
export interface Sample {
  /** Derivatives in x and y: shape `[points, nodes, 2]`. */
  readonly slopes: Tensor;
  /** Area per natural area: shape `[points]`. */
  readonly scale: Tensor;
}

/** Shape functions at natural coordinates, with corners `[nodes, 2]` of an element. */
function sampleOne(element: Element, points: readonly Natural[], corners: Tensor): Sample {
  const slopes = points.map((point) => element.slopes(point));
  const along = tensor(slopes.map((list) => list.map(([xi]) => xi)));
  const across = tensor(slopes.map((list) => list.map(([, eta]) => eta)));
  // The rows of the Jacobian: derivatives of x and y in each natural coordinate.
  const first = matmul(along, corners);
  const second = matmul(across, corners);
  const column = (of: Tensor, k: number): Tensor => of.at(null, [k, k + 1]);
  const [xXi, yXi, xEta, yEta] = [
    column(first, 0),
    column(first, 1),
    column(second, 0),
    column(second, 1),
  ];
  const scale = sub(mul(xXi, yEta), mul(xEta, yXi));
  return {
    slopes: stack(
      [
        sub(mul(along, yEta), mul(across, yXi)).div(scale),
        sub(mul(across, xXi), mul(along, xEta)).div(scale),
      ],
      { axis: 2 },
    ),
    scale: scale.reshape([points.length]),
  };
}

/** Corners of all elements: shape `[elements, nodes, 2]`. */
export function cornersOf({ element, vertices, elements }: Mesh): Tensor {
  const nodes = elementKinds[element].nodes.length;
  return take(vertices, tensor(elements)).reshape([elements.length / nodes, nodes, 2]);
}

/** Shape functions of all elements at natural coordinates. */
export function sample(mesh: Mesh, points: readonly Natural[]): Sample {
  const kind = elementKinds[mesh.element];
  return vmap((corners: Tensor) => sampleOne(kind, points, corners))(cornersOf(mesh));
}

/** Values of the shape functions: shape `[points, nodes]`. */
export function shapesAt(kind: Element, points: readonly Natural[]): Tensor {
  return tensor(points.map((point) => kind.shape(point)));
}

/** Natural coordinates of the quadrature, and its weights. */
export function quadratureOf({ quadrature }: Element): {
  readonly points: readonly Natural[];
  readonly weights: Tensor;
} {
  return {
    points: quadrature.map(({ at }) => at),
    weights: tensor(quadrature.map(({ weight }) => weight)),
  };
}
