/** Kinds of elements by their numbers in Gmsh's files: how many nodes they have, and what they are. */
export const gmshKinds: Readonly<
  Record<number, { readonly nodes: number; readonly name: string }>
> = {
  1: { nodes: 2, name: 'line with 2 nodes' },
  2: { nodes: 3, name: 'triangle with 3 nodes' },
  3: { nodes: 4, name: 'quadrilateral with 4 nodes' },
  4: { nodes: 4, name: 'tetrahedron with 4 nodes' },
  5: { nodes: 8, name: 'hexahedron with 8 nodes' },
  6: { nodes: 6, name: 'prism with 6 nodes' },
  7: { nodes: 5, name: 'pyramid with 5 nodes' },
  8: { nodes: 3, name: 'line with 3 nodes, of second order' },
  9: { nodes: 6, name: 'triangle with 6 nodes, of second order' },
  10: { nodes: 9, name: 'quadrilateral with 9 nodes, of second order' },
  11: { nodes: 10, name: 'tetrahedron with 10 nodes, of second order' },
  15: { nodes: 1, name: 'point' },
  16: { nodes: 8, name: 'quadrilateral with 8 nodes, of second order' },
};
