import { type Node, nodeAt, nodesAt, parse, textAt, walk } from './syntax.ts';

/** One change of a source file. */
export interface Mutant {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** What stands between `start` and `end` in the mutant. */
  readonly text: string;
  /** The block of `blocksOf` that it is in, -1 outside of all functions. */
  readonly block: number;
}

/** Where a function or a branch begins. Its hits say which tests come by. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** An arrow function without braces. */
  readonly expression: boolean;
}

const operators: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '+=': ['-='],
  '-=': ['+='],
  '*=': ['/='],
  '/=': ['*='],
};

/** Samples are tests, types leave no code, and the words of an error are not behavior. */
function isLeftOut(node: Node): boolean {
  if (node.type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(node.type)) return true;
  if (node.type === 'ImportDeclaration' || node.type === 'ThrowStatement') return true;
  if (node.type === 'CallExpression' && /^(point|range)Samples$/.test(calleeOf(node))) return true;
  if (node.type === 'ObjectExpression') return nodesAt(node, 'properties').some(isTitle);
  // A check for the compiler.
  if (node.type === 'IfStatement') return isUnreachable(nodeAt(node, 'consequent'));
  return node.type === 'Property' && /^(samples|name)$/.test(textAt(keyOf(node), 'name'));
}

const sums = [
  'add',
  'mul',
  'max',
  'min',
  'maximum',
  'minimum',
  'affineAdd',
  'twoSum',
  'twoProduct',
];
const comparisons = ['eq', 'ne', 'sameType', 'sameShape'];
/** Functions and methods whose arguments may come in any order. */
const commuting = new Set([...sums, ...comparisons, 'and', 'or', 'push']);

function commutes(callee: string): boolean {
  return commuting.has(callee.slice(callee.lastIndexOf('.') + 1));
}

function calleeOf(node: Node): string {
  return textAt(nodeAt(node, 'callee') ?? node, 'name');
}

/** The title of a sample. */
function isTitle(node: Node): boolean {
  return node.type === 'Property' && textAt(keyOf(node), 'name') === 'title';
}

function isUnreachable(node: Node | undefined): boolean {
  const thrown = node?.type === 'ThrowStatement' ? nodeAt(node, 'argument') : undefined;
  const [what] = thrown ? nodesAt(thrown, 'arguments') : [];
  return what?.['value'] === 'unreachable';
}

function keyOf(node: Node): Node {
  return nodeAt(node, 'key') ?? node;
}

export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  walk(parse(text), (node, parent) => {
    if (isLeftOut(node)) return false;
    const { start, end } = node;
    if (node.type === 'BlockStatement') blocks.push({ start, end, expression: false });
    if (parent?.type === 'ArrowFunctionExpression' && nodeAt(parent, 'body') === node) {
      if (node.type !== 'BlockStatement') blocks.push({ start, end, expression: true });
    }
    return true;
  });
  return blocks;
}

/** All mutants of a file, in the order of its text. */
export function mutantsOf(text: string): readonly Mutant[] {
  const blocks = blocksOf(text);
  const mutants: Mutant[] = [];
  const add = (kind: string, start: number, end: number, changed: string): void => {
    const inside = blocks.map((block, i) => ({ ...block, i }));
    const holding = inside.filter((block) => block.start <= start && end <= block.end);
    const block = holding.at(-1)?.i ?? -1;
    mutants.push({ kind, start, end, text: changed, block });
  };
  const source = (node: Node): string => text.slice(node.start, node.end);
  const replace = (kind: string, node: Node, changed: string): void => {
    if (source(node) !== changed) add(kind, node.start, node.end, changed);
  };
  walk(parse(text), (node) => {
    if (isLeftOut(node)) return false;
    switch (node.type) {
      case 'BinaryExpression':
      case 'LogicalExpression':
      case 'AssignmentExpression': {
        const [left, right] = [nodeAt(node, 'left'), nodeAt(node, 'right')];
        if (!left || !right) break;
        const operator = textAt(node, 'operator');
        const at = left.end + text.slice(left.end, right.start).indexOf(operator);
        for (const other of operators[operator] ?? [])
          add('operator', at, at + operator.length, other);
        if (operator === '??') replace('default left out', node, source(left));
        break;
      }
      case 'UnaryExpression': {
        const operand = nodeAt(node, 'argument');
        if (operand && /^[-!~]$/.test(textAt(node, 'operator')))
          replace('sign or negation left out', node, `(${source(operand)})`);
        break;
      }
      case 'UpdateExpression': {
        const operator = textAt(node, 'operator');
        replace('operator', node, source(node).replace(operator, operator === '++' ? '--' : '++'));
        break;
      }
      case 'Literal':
        if (typeof node['value'] === 'boolean') replace('constant', node, `${!node['value']}`);
        if (typeof node['value'] === 'number') {
          const value = node['value'];
          replace('constant', node, value === 1 ? '0' : `${value + 1}`);
        }
        break;
      case 'IfStatement':
      case 'ConditionalExpression': {
        const test = nodeAt(node, 'test');
        if (test) for (const value of ['true', 'false']) replace('decision', test, value);
        break;
      }
      case 'ExpressionStatement':
        replace('statement left out', node, '{}');
        break;
      case 'ReturnStatement':
        if (nodeAt(node, 'argument')) replace('nothing returned', node, 'return undefined;');
        break;
      case 'CallExpression': {
        const [first, second] = nodesAt(node, 'arguments');
        if (!first || !second || /=>|\.\.\./.test(source(first) + source(second))) break;
        if (commutes(source(nodeAt(node, 'callee') ?? node))) break;
        const between = text.slice(first.end, second.start);
        add('arguments swapped', first.start, second.end, source(second) + between + source(first));
        break;
      }
    }
    return true;
  });
  return mutants;
}

export function mutated(text: string, { start, end, text: changed }: Mutant): string {
  return text.slice(0, start) + changed + text.slice(end);
}

/** The file with a mark at the start of each block, set when a test comes by. */
export function instrumented(text: string, first: number): string {
  const inserts: { readonly at: number; readonly text: string; readonly order: number }[] = [];
  blocksOf(text).forEach(({ start, end, expression }, i) => {
    const mark = `globalThis.gradHits[${first + i}]=1`;
    if (!expression) inserts.push({ at: start + 1, text: `${mark};`, order: 0 });
    else {
      // The parentheses around an object are not in its range; a comma would end the arrow's body.
      inserts.push({ at: start, text: `(${mark},(`, order: 0 });
      inserts.push({ at: end, text: '))', order: 1 });
    }
  });
  inserts.sort((a, b) => b.at - a.at || a.order - b.order);
  let result = text;
  for (const { at, text: added } of inserts)
    result = result.slice(0, at) + added + result.slice(at);
  return result;
}
