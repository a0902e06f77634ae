import {
  div,
  isConcrete,
  matmul,
  ShapeError,
  type Tensor,
  type TensorLike,
  tensor,
  vmap,
} from '@grad/core';
import type { Predicate, Where } from './boundary.ts';
import { elementKinds } from './elements/index.ts';
import { type ElementField, elementValues, type Field } from './field.ts';
import { areaLoad, edgeLoad, vertexLoad } from './loads.ts';
import { checkOrientation, elementCount, type Mesh } from './mesh.ts';
import type { Problem } from './problem.ts';
import { checkSupport } from './rigid-motion.ts';
import { quadratureOf, sample } from './sample.ts';
import { type Plane, stressOf } from './stress.ts';
import { supportOf } from './support.ts';
import { checkPositive } from './values.ts';

/** Where displacements are given: of x, of y, or both as 0 when neither is said. */
export interface FixedDisplacement {
  readonly on: Where;
  readonly x?: Field;
  readonly y?: Field;
}

/** Force per area of a part of the boundary. */
export interface Traction {
  readonly on: string | Predicate;
  /** Components in x and y. */
  readonly traction: readonly [Field, Field];
}

/** A force at a vertex, or the same at each of several. */
export interface PointForce {
  readonly at: number | readonly number[];
  /** Components in x and y: shape `[2]`. */
  readonly force: TensorLike;
}

/** Options of `elasticity`. */
export interface ElasticityOptions {
  readonly mesh: Mesh;
  /** Young's modulus, one number or one for each element. */
  readonly young: ElementField;
  /** Poisson's ratio, between -1 and 1/2. */
  readonly poisson: TensorLike;
  /** A thin sheet (`stress`, when left out), or a slice of a long body (`strain`). */
  readonly plane?: Plane;
  /** 1 when left out. */
  readonly thickness?: TensorLike;
  /** Given displacements; of several for one vertex and direction the last counts. */
  readonly fixed: readonly FixedDisplacement[];
  readonly loads?: readonly (Traction | PointForce)[];
  /** Force per volume, in x and y; 0 when left out. */
  readonly bodyForce?: readonly [Field, Field];
}

/** What follows from displacements. */
export interface Stresses {
  /** Displacements of the vertices: shape `[n, 2]`. */
  readonly u: Tensor;
  /** Stresses xx, yy and xy at the centres: shape `[elements, 3]`. */
  readonly stress: Tensor;
  /** Von Mises' equivalent of them: shape `[elements]`. */
  readonly vonMises: Tensor;
}

/**
 * Linear elasticity of an isotropic body in the plane. Differentiable in the vertices, the material, given
 * displacements and loads.
 *
 * With H the integral of products of slopes of the shape functions, the stiffness between component i at
 * node a and j at b is lambda H_aibj + mu (H_ajbi + delta_ij sum_l H_albl).
 *
 * @throws SupportError that says which rigid motion the supports leave free.
 * @throws RangeError naming an element that is inverted, or whose modulus is not positive.
 * @see O. C. Zienkiewicz, R. L. Taylor and J. Z. Zhu, "The Finite Element Method: Its Basis and
 * Fundamentals" (2013), chapter 2.
 */
export function elasticity(options: ElasticityOptions): Problem<Stresses> {
  const { mesh, plane = 'stress', fixed, loads = [], bodyForce } = options;
  const name = 'elasticity';
  checkOrientation(name, mesh);
  if (plane !== 'stress' && plane !== 'strain') {
    throw new TypeError(`${name}: plane is '${String(plane)}'; it must be 'stress' or 'strain'.`);
  }
  const young = elementValues(`${name}: Young's modulus`, options.young, elementCount(mesh));
  checkPositive(name, "Young's modulus", young);
  const ratio = scalar(`${name}: Poisson's ratio`, options.poisson);
  checkRatio(ratio);
  const thickness = scalar(`${name}: the thickness`, options.thickness ?? 1);
  const support = supportOf(
    name,
    mesh,
    2,
    fixed.flatMap(({ on, x, y }) => {
      const both = x === undefined && y === undefined;
      return [both ? 0 : x, both ? 0 : y].flatMap((value, component) =>
        value === undefined ? [] : [{ on, component, value }],
      );
    }),
  );
  checkSupport(name, mesh, 2, support.held);
  const load = loadOf(mesh, loads, bodyForce, thickness);
  const material = { young, ratio, plane };
  return {
    name,
    mesh,
    components: 2,
    stiffness: stiffnessOf(mesh, material).mul(thickness),
    load: load.reshape([load.size]),
    support,
    derive: (u) => ({ u: u.reshape([u.size / 2, 2]), ...stressOf(mesh, material, u) }),
  };
}

/** An isotropic material. */
export interface Material {
  readonly young: Tensor;
  readonly ratio: Tensor;
  readonly plane: Plane;
}

/** Lame's lambda (in plane stress, what stands in its place) and mu, for Young's modulus 1. */
export function lame({ ratio, plane }: Material): { lambda: Tensor; mu: Tensor } {
  const one = ratio.add(1);
  const rest = plane === 'stress' ? ratio.neg().add(1) : ratio.mul(-2).add(1);
  return { lambda: ratio.div(one.mul(rest)), mu: div(1, one.mul(2)) };
}

function stiffnessOf(mesh: Mesh, material: Material): Tensor {
  const kind = elementKinds[mesh.element];
  const { points, weights } = quadratureOf(kind);
  const nodes = kind.nodes.length;
  const { lambda, mu } = lame(material);
  const one = (slopes: Tensor, scale: Tensor, young: Tensor): Tensor => {
    const rows = slopes.reshape([points.length, 2 * nodes]);
    const weighted = rows.mul(scale.mul(weights).mul(young).reshape([points.length, 1]));
    const products = matmul(rows.transpose(), weighted).reshape([nodes, 2, nodes, 2]);
    const swapped = products.transpose([0, 3, 2, 1]);
    const trace = products.at(null, 0, null, 0).add(products.at(null, 1, null, 1));
    const both = trace.reshape([nodes, 1, nodes, 1]).mul(identity);
    return products
      .mul(lambda)
      .add(swapped.add(both).mul(mu))
      .reshape([2 * nodes, 2 * nodes]);
  };
  const { slopes, scale } = sample(mesh, points);
  return vmap(one)(slopes, scale, material.young);
}

const identity = tensor([1, 0, 0, 1]).reshape([1, 2, 1, 2]);

function loadOf(
  mesh: Mesh,
  loads: readonly (Traction | PointForce)[],
  bodyForce: readonly [Field, Field] | undefined,
  thickness: Tensor,
): Tensor {
  const name = 'elasticity';
  let distributed = tensor(new Float64Array(mesh.vertices.size)).reshape([...mesh.vertices.shape]);
  let points = distributed;
  if (bodyForce) distributed = areaLoad(`${name}: the body force`, mesh, bodyForce);
  for (const load of loads) {
    if ('traction' in load) {
      distributed = distributed.add(edgeLoad(`${name}: a traction`, mesh, load.on, load.traction));
      continue;
    }
    const force = tensor(load.force, { dtype: 'float64' });
    if (force.ndim !== 1 || force.size !== 2) {
      throw new ShapeError(
        `${name}: a force has shape [${force.shape.join(', ')}]; two components are needed.`,
      );
    }
    points = points.add(vertexLoad(`${name}: a force`, mesh, load.at, [force.at(0), force.at(1)]));
  }
  return distributed.mul(thickness).add(points);
}

function scalar(name: string, given: TensorLike): Tensor {
  const value = tensor(given, { dtype: 'float64' });
  if (value.ndim === 0) return value;
  throw new ShapeError(`${name} has shape [${value.shape.join(', ')}]; one number is needed.`);
}

function checkRatio(ratio: Tensor): void {
  if (!isConcrete(ratio)) return;
  const value = ratio.item();
  if (value > -1 && value < 0.5) return;
  throw new RangeError(`elasticity: Poisson's ratio is ${value}; it lies between -1 and 1/2.`);
}
