import { evals, Input } from '@grad/gradbench';
import type { DataFolder } from '../data-folder.ts';
import {
  add,
  cos,
  type Dual,
  div,
  dual,
  mul,
  scale,
  seeded,
  sin,
  sqrt,
  sub,
  sumOf,
} from './dual.ts';
import { numbersOf } from './numbers.ts';

type Matrix = readonly (readonly Dual[])[];

/** Lines of numbers between colons; a name in front is left out. */
const records = (data: DataFolder, path: string): number[][] =>
  data
    .text(`adbench/hand/${path}`)
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':').map(Number));

const square = (values: readonly number[]): number[][] =>
  [0, 4, 8, 12].map((at) => values.slice(at, at + 4));

/** A file and its hand. */
export function readHand(data: DataFolder, name: string) {
  const [folder = ''] = name.split('/');
  const bones = records(data, `${folder}/model/bones.txt`);
  const vertices = records(data, `${folder}/model/vertices.txt`);
  const triangles = records(data, `${folder}/model/triangles.txt`);
  const weights = vertices.map((record) => {
    const row = bones.map(() => 0);
    for (let i = 0; i < (record[8] ?? 0); i++)
      row[record[9 + 2 * i] ?? 0] = record[10 + 2 * i] ?? 0;
    return row;
  });
  const file = numbersOf(data, `hand/${name}.txt`);
  const [count] = [file.next(), file.next()];
  const given = file.rows(count, 4);
  const isComplicated = folder.startsWith('complicated');
  return {
    parents: bones.map((bone) => bone[1] ?? -1),
    relatives: bones.map((bone) => square(bone.slice(2, 18))),
    inverses: bones.map((bone) => square(bone.slice(18, 34))),
    base: vertices.map((record) => [...record.slice(0, 3), 1]),
    weights,
    triangles,
    correspondences: given.map((row) => row[0] ?? 0),
    points: given.map((row) => row.slice(1)),
    places: isComplicated ? file.rows(count, 2) : [],
    theta: file.take(26),
  };
}

type Problem = ReturnType<typeof readHand>;

/** The Jacobian by @grad, by rows of residuals. */
export function handJacobian(problem: Problem): number[] {
  const model = {
    parents: problem.parents,
    base_relatives: problem.relatives,
    inverse_base_absolutes: problem.inverses,
    base_positions: problem.base,
    weights: problem.weights,
    triangles: problem.triangles,
    is_mirrored: false,
  };
  const { points, correspondences } = problem;
  const data = { model, points, correspondences };
  const task = evals
    .get('ht')
    ?.['jacobian']?.(new Input({ theta: problem.theta, us: problem.places, data }));
  task?.run();
  const rows = task?.output();
  return Array.isArray(rows) ? rows.flat().map(Number) : [];
}

/** The same by dual numbers. */
export function handJacobianByHand(problem: Problem): number[] {
  const directions = problem.places.length > 0 ? 28 : 26;
  const columns = Array.from({ length: directions }, (_, k) => residuals(problem, k, directions));
  const [first = []] = columns;
  return first.flatMap((_, row) => columns.map((column) => column[row] ?? Number.NaN));
}

const product = (a: Matrix, b: Matrix): Dual[][] =>
  a.map((row) =>
    (b[0] ?? []).map((_, j) => sumOf(row.map((v, k) => mul(v, b[k]?.[j] ?? dual(0))))),
  );

const constant = (matrix: readonly (readonly number[])[]): Dual[][] =>
  matrix.map((row) => row.map((v) => dual(v)));

/** Rz Ry Rx. */
function bend(x: Dual, z: Dual, y: Dual): Dual[][] {
  const [o, l] = [dual(0), dual(1)];
  const minus = (a: Dual): Dual => scale(a, -1);
  const X = [
    [l, o, o, o],
    [o, cos(x), minus(sin(x)), o],
    [o, sin(x), cos(x), o],
    [o, o, o, l],
  ];
  const Y = [
    [cos(y), o, sin(y), o],
    [o, l, o, o],
    [minus(sin(y)), o, cos(y), o],
    [o, o, o, l],
  ];
  const Z = [
    [cos(z), minus(sin(z)), o, o],
    [sin(z), cos(z), o, o],
    [o, o, l, o],
    [o, o, o, l],
  ];
  return product(product(Z, Y), X);
}

/** Derivatives of all residuals in one direction: the places on the skin first, where there are any. */
function residuals(problem: Problem, direction: number, directions: number): number[] {
  const theta = seeded(problem.theta, direction - (directions - 26));
  const shift = seeded([0, 0], directions === 28 ? direction : -1);
  const get = (k: number): Dual => theta[k] ?? dual(Number.NaN);
  const absolutes: Dual[][][] = [];
  problem.parents.forEach((parent, bone) => {
    const finger = Math.floor((bone - 2) / 4);
    const joint = (bone - 2) % 4;
    const isJoint = bone >= 2 && bone < 22 && joint < 3;
    // The first joint of a finger bends by two angles, the next two by one.
    const at = 6 + 4 * finger + (joint === 0 ? 0 : joint + 1);
    const rotation = isJoint
      ? bend(get(at), joint === 0 ? get(at + 1) : dual(0), dual(0))
      : bend(dual(0), dual(0), dual(0));
    const relative = product(constant(problem.relatives[bone] ?? []), rotation);
    absolutes.push(parent < 0 ? relative : product(absolutes[parent] ?? [], relative));
  });
  const transforms = absolutes.map((absolute, bone) =>
    product(absolute, constant(problem.inverses[bone] ?? [])),
  );
  const global = rotationAbout([get(0), get(1), get(2)]);
  const known = new Map<number, Dual[]>();
  const vertex = (v: number): Dual[] => {
    const found = known.get(v);
    if (found) return found;
    const base = problem.base[v] ?? [];
    const skin = [0, 1, 2].map((i) =>
      sumOf(
        (problem.weights[v] ?? []).flatMap((weight, bone) =>
          weight === 0
            ? []
            : [
                scale(
                  sumOf(base.map((x, j) => scale(transforms[bone]?.[i]?.[j] ?? dual(0), x))),
                  weight,
                ),
              ],
        ),
      ),
    );
    const placed = global.map((row, i) =>
      add(sumOf(row.map((r, j) => mul(r, skin[j] ?? dual(0)))), get(3 + i)),
    );
    known.set(v, placed);
    return placed;
  };
  return problem.correspondences.flatMap((correspondence, i) => {
    const point = problem.points[i] ?? [];
    if (problem.places.length === 0) {
      return point.map((x, c) => sub(dual(x), vertex(correspondence)[c] ?? dual(0)).d);
    }
    const [a = 0, b = 0, c = 0] = problem.triangles[correspondence] ?? [];
    const [u, v] = (problem.places[i] ?? []).map((x, j) => add(dual(x), shift[j] ?? dual(0)));
    if (!u || !v) return [];
    const w = sub(dual(1), add(u, v));
    return point.map((x, axis) => {
      const corner = (k: number): Dual => vertex(k)[axis] ?? dual(0);
      const surface = sumOf([mul(u, corner(a)), mul(v, corner(b)), mul(w, corner(c))]);
      return sub(dual(x), surface).d;
    });
  });
}

/** cos I + (1 - cos) v v' + sin [v], for an axis that is not 0. */
function rotationAbout(axis: readonly [Dual, Dual, Dual]): Dual[][] {
  const angle = sqrt(sumOf(axis.map((c) => mul(c, c))));
  const [x, y, z] = [div(axis[0], angle), div(axis[1], angle), div(axis[2], angle)];
  const v = [x, y, z];
  const rest = sub(dual(1), cos(angle));
  const minus = (a: Dual): Dual => scale(a, -1);
  const cross = [
    [dual(0), minus(z), y],
    [z, dual(0), minus(x)],
    [minus(y), x, dual(0)],
  ];
  return v.map((a, i) =>
    v.map((b, j) =>
      sumOf([
        i === j ? cos(angle) : dual(0),
        mul(rest, mul(a, b)),
        mul(sin(angle), cross[i]?.[j] ?? dual(0)),
      ]),
    ),
  );
}
