import type { Case, Input } from '../../src/suite.ts';
import { lines, Numbers } from '../adbench.ts';

const files = [
  'simple_small/hand1_t26_c100',
  'simple_small/hand5_t26_c800',
  'simple_big/hand5_t26_c800',
  'complicated_small/hand1_t26_c100',
  'complicated_small/hand5_t26_c800',
];

/** Lines of numbers with colons between them; a name in front is left out. */
const records = (file: string): number[][] =>
  lines(file)
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':').map(Number));

const matrix = (rows: readonly (readonly number[])[], ...shape: number[]): Input => ({
  shape: [rows.length, ...shape],
  data: Float64Array.from(rows.flat()),
});

/** The skeleton and the skin of the hand: bones, and vertices that hang on some of them. */
function model(folder: string): Record<string, Input> {
  const bones = records(`${folder}/bones.txt`);
  const vertices = records(`${folder}/vertices.txt`);
  const weights = vertices.map((record) => {
    const row = bones.map(() => 0);
    for (let i = 0; i < (record[8] ?? 0); i++)
      row[record[9 + 2 * i] ?? 0] = record[10 + 2 * i] ?? 0;
    return row;
  });
  const triangles = records(`${folder}/triangles.txt`);
  return {
    parents: { shape: [bones.length], data: Int32Array.from(bones, (bone) => bone[1] ?? -1) },
    base_relatives: matrix(
      bones.map((bone) => bone.slice(2, 18)),
      4,
      4,
    ),
    inverse_base_absolutes: matrix(
      bones.map((bone) => bone.slice(18, 34)),
      4,
      4,
    ),
    base_positions: matrix(
      vertices.map((record) => [...record.slice(0, 3), 1]),
      4,
    ),
    weights: matrix(weights, bones.length),
    triangles: { shape: [triangles.length, 3], data: Int32Array.from(triangles.flat()) },
  };
}

/** ADBench's tracking of a hand: the Jacobian of the distances in the pose, and in the places on the skin. */
export const cases: readonly Case[] = files.map((name) => {
  const complicated = name.startsWith('complicated');
  return {
    group: 'adbench',
    name: `hand ${name}`,
    precision: 'float64',
    program: 'adbench-hand',
    options: { complicated },
    targets: [{ side: 'JAX', atMost: 1 }],
    inputs: () => {
      const file = new Numbers(`hand/${name}.txt`);
      const [count] = [file.next(), file.next()];
      const given = file.array(count, 4);
      const column = (from: number, to: number) =>
        Array.from({ length: count }, (_, i) => [...given.data.slice(4 * i + from, 4 * i + to)]);
      const places = complicated ? { us: file.array(count, 2) } : {};
      return {
        ...model(`hand/${name.split('/')[0]}/model`),
        correspondences: { shape: [count], data: Int32Array.from(column(0, 1).flat()) },
        points: matrix(column(1, 4), 3),
        ...places,
        theta: file.array(26),
      };
    },
  };
});
