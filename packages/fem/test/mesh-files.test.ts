import { elementAreas, MeshFileError, readGmsh, rectangle, writeVtu } from '@grad/fem';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';

/** Two triangles of a unit square, one clockwise, a node that is not used, and names. */
const version2 = `$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
3
1 1 "left side"
1 2 "right"
2 7 "body"
$EndPhysicalNames
$Nodes
5
1 0 0 0
2 1 0 0
3 1 1 0
9 0.5 0.5 0
40 0 1 0
$EndNodes
$Elements
5
1 15 2 0 1 1
2 1 2 1 4 40 1
3 1 2 2 2 2 3
4 2 2 7 1 1 2 3
5 2 2 7 1 1 40 3
$EndElements
`;

/** A square of two quadrilaterals. */
const version4 = `$MeshFormat
4.1 0 8
$EndMeshFormat
$PhysicalNames
1
1 5 "hole"
$EndPhysicalNames
$Entities
1 1 1 0
1 0 0 0 0
1 0 0 0 0 1 0 1 5 2 1 -2
1 0 0 0 2 1 0 1 12 1 1
$EndEntities
$Nodes
2 6 1 6
1 1 0 2
1
2
0 0 0
0 1 0
2 1 0 4
3
4
5
6
1 0 0
1 1 0
2 0 0
2 1 0
$EndNodes
$Elements
2 3 1 3
1 1 1 1
1 1 2
2 1 3 2
2 1 3 4 2
3 3 5 6 4
$EndElements
`;

describe("Gmsh's files", () => {
  test('of format 2.2 give a mesh with the names of the file', () => {
    const mesh = readGmsh(version2);
    expect(mesh.element).toBe('t3');
    expect(mesh.vertices.toArray()).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ]);
    expect(elementAreas(mesh).toArray()).toEqual([0.5, 0.5]);
    expect(mesh.boundary).toEqual({
      'left side': Int32Array.of(3, 0),
      right: Int32Array.of(1, 2),
    });
    expect(mesh.regions).toEqual({ body: Int32Array.of(0, 1) });
  });

  test('of format 4.1 do too, with groups by way of entities', () => {
    const mesh = readGmsh(version4.replaceAll('\n', '\r\n'));
    expect(mesh.element).toBe('q4');
    for (const e of [0, 1]) expect(elementAreas(mesh).at(e).item()).toBeCloseTo(1, 14);
    expect(mesh.boundary['hole']).toEqual(Int32Array.of(0, 3));
    expect(mesh.regions).toEqual({ 12: Int32Array.of(0, 1) });
  });

  const refused: [string, string, string][] = [
    [
      'another file',
      '# hello',
      "m.msh:1: a file of Gmsh begins with $MeshFormat; this one begins with '# hello'",
    ],
    ['an empty file', '', 'm.msh:1: the file ends where $MeshFormat should be'],
    ['binary files', version2.replace('2.2 0', '2.2 1'), 'm.msh:2: the file is binary'],
    [
      'another version',
      version2.replace('2.2', '4.0'),
      'm.msh:2: the format is 4; save the mesh as 4.1 or 2.2',
    ],
    [
      'a number that is none',
      version2.replace('2 1 0 0', '2 1 x 0'),
      "m.msh:13: expected a node: tag x y z, found 'x'",
    ],
    ['a node in space', version2.replace('3 1 1 0', '3 1 1 2'), 'm.msh:14: node 3 is at z = 2'],
    [
      'a missing node',
      version2.replace('7 1 1 2 3', '7 1 1 2 8'),
      'm.msh:23: node 8 is not among the nodes',
    ],
    [
      'too few nodes',
      version2.replace('7 1 1 2 3', '7 1 1 2'),
      'm.msh:23: element 4 is a triangle with 3 nodes; it has 2',
    ],
    [
      'second order',
      version2.replace('4 2 2 7 1 1 2 3', '4 9 2 7 1 1 2 3 9 9 9'),
      'm.msh:23: this is a triangle with 6 nodes, of second order',
    ],
    [
      'two kinds',
      version2.replace('5 2 2 7 1 1 40 3', '5 3 2 7 1 1 2 3 40'),
      'm.msh:24: this is a quadrilateral with 4 nodes, and the first one (line 23) a triangle',
    ],
    ['unknown kinds', version2.replace('4 2 2 7', '4 77 2 7'), 'm.msh:23: element 4 is of kind 77'],
    [
      'a file that ends early',
      version2.slice(0, version2.indexOf('4 2 2')),
      'the file ends where an element',
    ],
    [
      'a wrong count',
      version2.replace('$Elements\n5', '$Elements\n4'),
      "m.msh:24: expected $EndElements, found '5 2 2",
    ],
    [
      'no surface',
      `${version2.slice(0, version2.indexOf('$Elements'))}$Elements\n0\n$EndElements`,
      'no triangles or quadrilaterals',
    ],
    ['a wrong name', version2.replace('"body"', 'body'), 'm.msh:8: expected a physical name'],
    [
      'a line beside the surface',
      version2.replace('2 1 2 1 4 40 1', '2 1 2 1 4 9 1'),
      'm.msh:21: node 9 of this line is in no element',
    ],
    [
      'an unknown kind in format 4.1',
      version4.replace('2 1 3 2\n', '2 1 33 2\n'),
      'm.msh:35: these elements are of kind 33',
    ],
  ];
  test.each(refused)('refuse %s, and say where', (_, text, message) => {
    const read = () => readGmsh(text, { name: 'm.msh' });
    expect(read).toThrow(MeshFileError);
    expect(read).toThrow(message);
  });
});

describe("VTK's files", () => {
  const mesh = rectangle({ cells: [2, 1], width: 1 / 3 });

  test('have the mesh and its fields, as a parser of XML sees them', () => {
    const text = writeVtu(mesh, {
      points: { 'a < "b"': mesh.vertices.at(null, 0), u: mesh.vertices },
      cells: { stress: Float64Array.of(1, 2, 3, Number.NaN, 1e-300, -1) },
    });
    expect(XMLValidator.validate(text)).toBe(true);
    const parsed = new XMLParser({ ignoreAttributes: false }).parse(text);
    const piece = parsed.VTKFile.UnstructuredGrid.Piece;
    expect(piece['@_NumberOfPoints']).toBe('6');
    expect(piece['@_NumberOfCells']).toBe('2');
    const [named, vector] = piece.PointData.DataArray;
    expect(named['@_Name']).toBe('a < "b"');
    expect(named['#text'].split(/\s+/).map(Number)).toEqual(mesh.vertices.at(null, 0).toArray());
    expect(vector['@_NumberOfComponents']).toBe('3');
    expect(vector['#text'].split(/\s+/).length).toBe(18);
    expect(piece.CellData.DataArray['#text']).toBe('1 2 3\nnan 1e-300 -1');
    const [connectivity, offsets, types] = piece.Cells.DataArray;
    expect(connectivity['#text']).toBe('0 1 4 3 1 2 5 4');
    expect(offsets['#text']).toBe('4 8');
    expect(types['#text']).toBe('9 9');
    expect(piece.Points.DataArray['#text'].split(/\s+/).map(Number)[3]).toBe(1 / 6);
  });

  test('refuse a field of another size', () => {
    expect(() => writeVtu(mesh, { cells: { x: Float64Array.of(1, 2, 3) } })).toThrow(
      "the cell field 'x' has 3 numbers; there are 2 cells",
    );
  });
});
