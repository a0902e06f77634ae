import type { Tensor } from '@grad/core';
import XMLBuilder from 'fast-xml-builder';
import { elementKinds } from './elements/index.ts';
import { elementCount, type Mesh } from './mesh.ts';

/** Fields by their names: one number for each point or cell, or a row of them. */
export type VtuFields = Readonly<Record<string, Tensor | Float64Array>>;

/** What is written beside the mesh. */
export interface VtuOptions {
  /** Values at the vertices, `[n]` or `[n, k]`. */
  readonly points?: VtuFields;
  /** Values of the elements, `[elements]` or `[elements, k]`. */
  readonly cells?: VtuFields;
}

/**
 * A mesh and fields on it as a VTK unstructured grid (`.vtu`, XML with ASCII numbers), for ParaView and
 * others. Vectors in the plane get a third component 0; numbers keep all their digits.
 *
 * @throws RangeError when a field does not have a value for each vertex or element.
 */
export function writeVtu(mesh: Mesh, { points = {}, cells = {} }: VtuOptions = {}): string {
  const kind = elementKinds[mesh.element];
  const [vertices, count] = [mesh.vertices.shape[0] ?? 0, elementCount(mesh)];
  const size = kind.nodes.length;
  const whole = (Name: string, type: string, numbers: Iterable<number>) => ({
    ':@': { '@Name': Name, '@type': type, '@format': 'ascii' },
    DataArray: [{ '#text': [...numbers].join(' ') }],
  });
  const fieldsOf = (where: string, fields: VtuFields, length: number) =>
    Object.entries(fields).map(([name, values]) => dataArray(where, name, values, length));
  const tree = [
    {
      ':@': { '@version': '1.0' },
      '?xml': [{ '#text': '' }],
    },
    {
      ':@': { '@type': 'UnstructuredGrid', '@version': '1.0', '@byte_order': 'LittleEndian' },
      VTKFile: [
        {
          UnstructuredGrid: [
            {
              ':@': { '@NumberOfPoints': vertices, '@NumberOfCells': count },
              Piece: [
                { PointData: fieldsOf('point', points, vertices) },
                { CellData: fieldsOf('cell', cells, count) },
                { Points: [dataArray('point', 'Points', mesh.vertices, vertices)] },
                {
                  Cells: [
                    whole('connectivity', 'Int32', mesh.elements),
                    whole(
                      'offsets',
                      'Int32',
                      Array.from({ length: count }, (_, e) => (e + 1) * size),
                    ),
                    whole('types', 'UInt8', new Uint8Array(count).fill(kind.vtk)),
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ];
  return new XMLBuilder({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
  }).build(tree);
}

/** Rows of 2 numbers become rows of 3. */
function dataArray(where: string, name: string, values: Tensor | Float64Array, length: number) {
  const numbers =
    values instanceof Float64Array ? values : values.read((data) => Float64Array.from(data));
  const width = numbers.length / length;
  if (!Number.isInteger(width) || width === 0) {
    throw new RangeError(
      `writeVtu: the ${where} field '${name}' has ${numbers.length} numbers; there are ${length} ${where}s.`,
    );
  }
  const rows: string[] = [];
  for (let k = 0; k < numbers.length; k += width) {
    const row = [...numbers.subarray(k, k + width), ...(width === 2 ? [0] : [])];
    rows.push(row.map(spelled).join(' '));
  }
  return {
    ':@': {
      '@Name': name,
      '@type': 'Float64',
      '@NumberOfComponents': width === 2 ? 3 : width,
      '@format': 'ascii',
    },
    DataArray: [{ '#text': rows.join('\n') }],
  };
}

/** As VTK reads it. */
function spelled(value: number): string {
  return Number.isNaN(value)
    ? 'nan'
    : Number.isFinite(value)
      ? String(value)
      : value > 0
        ? 'inf'
        : '-inf';
}
