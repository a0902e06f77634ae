import { parseAst } from 'vitest/node';

/** A node of a syntax tree, as far as mutants need to know it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'start' in value &&
    typeof value.start === 'number' &&
    'end' in value &&
    typeof value.end === 'number'
  );
}

export function nodeAt(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

export function nodesAt(node: Node, field: string): readonly Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function textAt(node: Node, field: string): string {
  const value = node[field];
  return typeof value === 'string' ? value : '';
}

export function parse(text: string): Node {
  const program: unknown = parseAst(text, { lang: 'ts' });
  if (!isNode(program)) throw new Error('the parser gave no tree');
  return program;
}

/** Visits a node and what is below it; `visit` gives false to leave out what is below. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => boolean): void {
  const step = (at: Node, parent: Node | undefined): void => {
    if (!visit(at, parent)) return;
    for (const value of Object.values(at)) {
      if (Array.isArray(value)) for (const each of value) if (isNode(each)) step(each, at);
      if (isNode(value)) step(value, at);
    }
  };
  step(node, undefined);
}
