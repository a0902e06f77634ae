import { grad, jit, sum, type Tensor, tensor, valueAndGrad } from '@grad/core';
import { elementAreas } from './areas.ts';
import { at } from './at.ts';
import { verticesAt } from './boundary.ts';
import type { FixedDisplacement } from './elasticity.ts';
import { createPause } from './event-loop.ts';
import { extensionOf } from './extension.ts';
import type { Mesh } from './mesh.ts';
import { axpy, dot } from './vectors.ts';

/** A shape, with what is known there. */
export interface ShapeState {
  readonly vertices: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly area: number;
  readonly isFinite: boolean;
}

/** A direction of descent at constant area (or at any, if that was asked for). */
export interface Descent {
  readonly direction: Float64Array;
  /** The gradient across the moving boundary, less what only changes the area. */
  readonly force: Float64Array;
  readonly gradientNorm: number;
  readonly areaForce: Float64Array;
  readonly areaMotion: Float64Array;
}

/** The shapes that a mesh can take, and an objective on them. */
export interface ShapeSpace {
  readonly start: Float64Array;
  /** The longer side of the box around the moving part. */
  readonly extent: number;
  meshAt(vertices: Float64Array): Mesh;
  evaluate(vertices: Float64Array): Promise<ShapeState>;
  descentAt(state: ShapeState): Promise<Descent>;
  /** Vertices after a step, with the area as at the start. */
  move(state: ShapeState, descent: Descent, step: number): Float64Array;
}

/** What a space of shapes is made from. */
export interface ShapeSpaceOptions {
  readonly mesh: Mesh;
  readonly objective: (mesh: Mesh) => Tensor;
  readonly moving: string;
  readonly fixed: readonly FixedDisplacement[];
  readonly area: 'fixed' | 'free';
  readonly signal?: AbortSignal | undefined;
}

const mostCorrections = 20;

/** Compiles what is needed at each shape. */
export function shapeSpace(options: ShapeSpaceOptions): ShapeSpace {
  const { mesh, objective, moving, fixed, area, signal } = options;
  const extend = extensionOf(mesh, moving, fixed);
  const both = jit(valueAndGrad((vertices: Tensor) => objective({ ...mesh, vertices })));
  const areaOf = (vertices: Tensor): Tensor => sum(elementAreas({ ...mesh, vertices }));
  const [areaAt, areaGradientAt] = [jit(areaOf), jit(grad(areaOf))];
  const shape = [...mesh.vertices.shape];
  const tensorOf = (x: Float64Array): Tensor => tensor(x).reshape(shape);
  const how = signal ? { signal } : {};
  const pause = createPause();
  const wanted = areaAt(mesh.vertices).item();
  return {
    start: numbersOf(mesh.vertices),
    extent: extentOf(mesh, moving),
    meshAt: (x) => ({ ...mesh, vertices: tensorOf(x) }),
    async evaluate(vertices) {
      await pause();
      signal?.throwIfAborted();
      const point = tensorOf(vertices);
      const [made, slopes] = await both.async([point], how);
      const [value, gradient] = [made.item(), numbersOf(slopes)];
      return {
        vertices,
        value,
        gradient,
        area: areaAt(point).item(),
        isFinite: Number.isFinite(value) && gradient.every(Number.isFinite),
      };
    },
    async descentAt({ vertices, gradient }) {
      const point = tensorOf(vertices);
      const made = await extend.async([point, tensorOf(gradient), areaGradientAt(point)], how);
      const [motion, areaMotion] = [numbersOf(made.motion), numbersOf(made.areaMotion)];
      const areaForce = numbersOf(made.areaForce);
      const multiplier = area === 'fixed' ? dot(areaForce, motion) / dot(areaForce, areaMotion) : 0;
      const force = axpy(numbersOf(made.force), -multiplier, areaForce);
      const direction = axpy(motion, -multiplier, areaMotion).map((x) => -x);
      const gradientNorm = Math.sqrt(Math.max(0, -dot(force, direction)));
      return { direction, force, gradientNorm, areaForce, areaMotion };
    },
    move({ vertices }, { direction, areaForce, areaMotion }, step) {
      let moved = axpy(vertices, step, direction);
      if (area === 'free') return moved;
      const response = dot(areaForce, areaMotion);
      for (let k = 0; k < mostCorrections; k++) {
        const excess = areaAt(tensorOf(moved)).item() - wanted;
        if (!(Math.abs(excess) > 1e-14 * wanted)) break;
        moved = axpy(moved, -excess / response, areaMotion);
      }
      return moved;
    },
  };
}

function numbersOf(x: Tensor): Float64Array {
  return x.read((data) => Float64Array.from(data));
}

function extentOf(mesh: Mesh, moving: string): number {
  const vertices = verticesAt('optimizeShape', mesh, moving);
  return mesh.vertices.read((xy) => {
    const side = (k: number): number => {
      const values = Array.from(vertices, (v) => at(xy, 2 * v + k));
      return Math.max(...values) - Math.min(...values);
    };
    return Math.max(side(0), side(1));
  });
}
