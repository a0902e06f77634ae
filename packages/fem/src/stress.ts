import { sqrt, stack, type Tensor, where } from '@grad/core';
import { lame, type Material } from './elasticity.ts';
import { elementKinds } from './elements/index.ts';
import { elementCount, type Mesh } from './mesh.ts';
import { sample } from './sample.ts';
import { elementUnknowns } from './unknowns.ts';

/** A thin sheet, free of stress across it, or a slice of a long body, free of strain across it. */
export type Plane = 'stress' | 'strain';

/** Stresses at the centres of elements, of displacements `[2 n]`. */
export function stressOf(
  mesh: Mesh,
  material: Material,
  u: Tensor,
): { readonly stress: Tensor; readonly vonMises: Tensor } {
  const kind = elementKinds[mesh.element];
  const [count, nodes] = [elementCount(mesh), kind.nodes.length];
  const slopes = sample(mesh, [kind.center]).slopes.reshape([count, nodes, 2]);
  const own = elementUnknowns(mesh, u, 2).reshape([count, nodes, 2]);
  const sumOf = (component: number, direction: number): Tensor =>
    own
      .at(null, null, component)
      .mul(slopes.at(null, null, direction))
      .sum({ axis: 1 });
  const [xx, yy] = [sumOf(0, 0), sumOf(1, 1)];
  const { lambda, mu } = lame(material);
  const { young, ratio, plane } = material;
  const volume = xx.add(yy).mul(lambda);
  const sx = xx.mul(mu).mul(2).add(volume).mul(young);
  const sy = yy.mul(mu).mul(2).add(volume).mul(young);
  const sxy = sumOf(0, 1).add(sumOf(1, 0)).mul(mu).mul(young);
  const sz = plane === 'stress' ? sx.mul(0) : sx.add(sy).mul(ratio);
  const squares = sx
    .sub(sy)
    .square()
    .add(sy.sub(sz).square())
    .add(sz.sub(sx).square())
    .mul(0.5)
    .add(sxy.square().mul(3));
  // Without stress the root has no slope; 0 stands for it.
  const stressed = squares.gt(0);
  const vonMises = where(stressed, sqrt(where(stressed, squares, 1)), 0);
  return { stress: stack([sx, sy, sxy], { axis: 1 }), vonMises };
}
