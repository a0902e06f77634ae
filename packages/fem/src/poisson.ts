import { matmul, type Tensor, vmap } from '@grad/core';
import type { Predicate, Where } from './boundary.ts';
import { elementKinds } from './elements/index.ts';
import { type ElementField, elementValues, type Field } from './field.ts';
import { areaLoad, edgeLoad } from './loads.ts';
import { checkOrientation, elementCount, type Mesh } from './mesh.ts';
import type { Problem } from './problem.ts';
import { checkSupport } from './rigid-motion.ts';
import { quadratureOf, sample } from './sample.ts';
import { supportOf } from './support.ts';
import { elementUnknowns } from './unknowns.ts';
import { checkPositive } from './values.ts';

/** Where the solution is given. */
export interface FixedValue {
  readonly on: Where;
  /** 0 when left out. */
  readonly value?: Field;
}

/** What flows in through a part of the boundary. */
export interface Flux {
  readonly on: string | Predicate;
  /** Per length. */
  readonly flux: Field;
}

/** Options of `poisson`. */
export interface PoissonOptions {
  readonly mesh: Mesh;
  /** Conductivity, one number or one for each element; 1 when left out. */
  readonly coefficient?: ElementField;
  /** Source per area; 0 when left out. */
  readonly source?: Field;
  /** Given values; of several for one vertex the last counts. */
  readonly fixed: readonly FixedValue[];
  readonly loads?: readonly Flux[];
}

/** What follows from a solution of Poisson's equation. */
export interface Flow {
  /** Solution at the vertices: shape `[n]`. */
  readonly u: Tensor;
  /** Flux -k grad u at the centres: shape `[elements, 2]`. */
  readonly flux: Tensor;
}

/**
 * Poisson's equation -div(k grad u) = f in the plane, such as steady heat: u is given on a part of the
 * boundary and the flux into the body, k du/dn, on the rest (0 where nothing is said). Differentiable
 * in the vertices, k, f, given values and fluxes.
 *
 * @throws SupportError when no value is given for some part of the body.
 * @throws RangeError naming an element that is inverted, or whose coefficient is not positive.
 */
export function poisson(options: PoissonOptions): Problem<Flow> {
  const { mesh, coefficient = 1, source = 0, fixed, loads = [] } = options;
  const name = 'poisson';
  checkOrientation(name, mesh);
  const k = elementValues(`${name}: the coefficient`, coefficient, elementCount(mesh));
  checkPositive(name, 'coefficient', k);
  const kind = elementKinds[mesh.element];
  const support = supportOf(
    name,
    mesh,
    1,
    fixed.map(({ on, value = 0 }) => ({ on, component: 0, value })),
  );
  checkSupport(name, mesh, 1, support.held);
  const { points, weights } = quadratureOf(kind);
  const nodes = kind.nodes.length;
  const one = (slopes: Tensor, scale: Tensor, own: Tensor): Tensor => {
    const weighted = slopes.mul(scale.mul(weights).mul(own).reshape([points.length, 1, 1]));
    const rows = (x: Tensor): Tensor => x.transpose([1, 0, 2]).reshape([nodes, 2 * points.length]);
    return matmul(rows(weighted), rows(slopes).transpose());
  };
  const { slopes, scale } = sample(mesh, points);
  let load = areaLoad(`${name}: the source`, mesh, [source]);
  for (const { on, flux } of loads) {
    load = load.add(edgeLoad(`${name}: a flux`, mesh, on, [flux]));
  }
  return {
    name,
    mesh,
    components: 1,
    stiffness: vmap(one)(slopes, scale, k),
    load: load.reshape([load.size]),
    support,
    derive: (u) => {
      const center = sample(mesh, [kind.center]).slopes;
      const own = elementUnknowns(mesh, u, 1).reshape([k.size, nodes, 1]);
      const gradient = center.reshape([k.size, nodes, 2]).mul(own).sum({ axis: 1 });
      return { u, flux: gradient.mul(k.neg().reshape([k.size, 1])) };
    },
  };
}
