import { isConcrete } from '@grad/core';
import { at } from './at.ts';
import { elementKinds } from './elements/index.ts';
import type { Mesh } from './mesh.ts';
import { groupsOf } from './support.ts';

/** The supports leave a motion free that takes no force, so that there is no one solution. */
export class SupportError extends Error {
  override readonly name = 'SupportError';
}

/**
 * Refuses supports that leave a part of the body free to move as a whole. Where vertices are not known,
 * a rotation about the one point that is held is not seen.
 *
 * @throws SupportError that says which motion is free, and of which part.
 */
export function checkSupport(name: string, mesh: Mesh, components: number, held: Int32Array): void {
  const count = mesh.vertices.shape[0] ?? 0;
  const size = elementKinds[mesh.element].nodes.length;
  const groups = groupsOf(mesh.elements, size, count);
  const heldOf = new Map<number, number[]>();
  for (const group of groups) if (!heldOf.has(group)) heldOf.set(group, []);
  for (const dof of held) heldOf.get(at(groups, Math.floor(dof / components)))?.push(dof);
  for (const [group, dofs] of heldOf) {
    const motion = components === 1 ? freeConstant(dofs) : freeMotion(mesh, dofs);
    if (motion === undefined) continue;
    const part = heldOf.size === 1 ? '' : ` of the part with vertex ${group}`;
    throw new SupportError(`${name}: ${motion.replace('%', part)}`);
  }
}

function freeConstant(held: readonly number[]): string | undefined {
  if (held.length > 0) return undefined;
  return 'no value is given at any vertex%, so a constant can be added to the solution. Add an entry to `fixed`.';
}

/** A row of the conditions on a motion (a, b, c): u = (a - c y, b + c x), c in radians. */
type Condition = readonly [number, number, number];

function freeMotion({ vertices }: Mesh, held: readonly number[]): string | undefined {
  const inX = held.filter((dof) => dof % 2 === 0);
  const advice = 'Hold it with an entry of `fixed`.';
  if (inX.length === 0)
    return `the displacement% along x is free, and no force resists it. ${advice}`;
  if (inX.length === held.length) {
    return `the displacement% along y is free, and no force resists it. ${advice}`;
  }
  if (held.length >= 3 && !isConcrete(vertices)) return undefined;
  if (!isConcrete(vertices)) return `a rotation% is free, and no force resists it. ${advice}`;
  return vertices.read((xy) => {
    const span = Math.max(...held.map((dof) => Math.abs(at(xy, dof - (dof % 2)))), 1e-300);
    const tall = Math.max(...held.map((dof) => Math.abs(at(xy, dof - (dof % 2) + 1))), 1e-300);
    const unit = Math.max(span, tall);
    const rows = held.map((dof): Condition => {
      const first = dof - (dof % 2);
      return dof % 2 === 0 ? [1, 0, -at(xy, first + 1) / unit] : [0, 1, at(xy, first) / unit];
    });
    // Held in x and y somewhere, the only motion left is a rotation about where these lines meet.
    const [cx, cy] = [
      rows.find(([a]) => a === 1)?.[2] ?? 0,
      rows.find(([, b]) => b === 1)?.[2] ?? 0,
    ];
    const resists = rows.some(([a, , c]) => Math.abs(c - (a === 1 ? cx : cy)) > 1e-9);
    if (resists) return undefined;
    const [x, y] = [cy * unit, -cx * unit].map((value) => Number(value.toPrecision(6)));
    return `the rotation% about (${x}, ${y}) is free, and no force resists it. ${advice}`;
  });
}
