/** An element as a file has it. */
export interface FileElement {
  /** Gmsh's number of the kind. */
  readonly kind: number;
  /** Tags of the nodes. */
  readonly nodes: readonly number[];
  /** Tags of the physical groups that it belongs to. */
  readonly groups: readonly number[];
  readonly line: number;
}

/** What a file says, whichever version it is. */
export interface ParsedMesh {
  /** Names of physical groups, by dimension and tag: `"1 7"`. */
  readonly names: Map<string, string>;
  /** Coordinates by the tag of the node, and the line they are on. */
  readonly nodes: Map<number, { readonly at: readonly number[]; readonly line: number }>;
  readonly elements: FileElement[];
}
