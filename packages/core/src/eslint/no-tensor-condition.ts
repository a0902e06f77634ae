import { type Rule, type StaticType, type SyntaxNode, typesOf } from './structure.ts';

/** Functions that stand for operators. */
const functions: { readonly [operator: string]: string } = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '**': 'pow',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
  '&': 'bitwiseAnd',
  '|': 'bitwiseOr',
  '^': 'bitwiseXor',
  '<<': 'leftShift',
  '>>': 'rightShift',
  '>>>': 'rightShiftLogical',
};

const unaryFunctions: { readonly [operator: string]: string } = { '-': 'neg', '~': 'bitwiseNot' };

/**
 * `if (tensor)`, and operators on tensors. To JavaScript a tensor is an object: it counts as true
 * whatever its elements are, and arithmetic with it throws. Needs the types of typescript-eslint.
 */
export const noTensorCondition: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'Disallow tensors as conditions and as operands of JavaScript operators' },
    messages: {
      condition:
        'A tensor is always true here. Choose with where, cond or whileLoop, or compare the number that item() gives where values are known.',
      not: 'A tensor is always true, and ! of it false. Use logicalNot.',
      operator: '{{operator}} does not work on tensors. Use {{instead}}.',
    },
    schema: [],
  },
  create: (context) => {
    const types = typesOf(context);
    if (types === undefined) {
      throw new Error(
        'no-tensor-condition needs types: use the parser of typescript-eslint with projectService.',
      );
    }
    const typeOf = (node: SyntaxNode): StaticType => types.getTypeAtLocation(node);
    const report = (node: SyntaxNode, messageId: string, data?: Record<string, string>): void => {
      context.report({ node, messageId, ...(data && { data }) });
    };
    /** A condition, or what becomes one as the right side of && and ||. */
    const condition = (node: SyntaxNode | null | undefined): void => {
      if (!node) return;
      if (node.type === 'LogicalExpression') {
        // Its left side is looked at on its own.
        if (node.operator !== '??') condition(node.right);
      } else if (isTensor(typeOf(node))) {
        report(node, 'condition');
      }
    };
    const test = ({ test: tested }: SyntaxNode): void => condition(tested);
    const operator = (node: SyntaxNode, symbol: string, operands: readonly SyntaxNode[]): void => {
      const instead = functions[symbol];
      if (instead === undefined) return;
      const equality = symbol === '==' || symbol === '!=';
      if (equality && operands.some(isNothing)) return;
      if (!operands.some((operand) => mayBeTensor(typeOf(operand)))) return;
      report(node, 'operator', { operator: symbol, instead });
    };
    const sides = ({ left, right }: SyntaxNode): SyntaxNode[] =>
      [left, right].filter((side) => side !== undefined);
    return {
      IfStatement: test,
      WhileStatement: test,
      DoWhileStatement: test,
      ForStatement: test,
      ConditionalExpression: test,
      LogicalExpression: (node: SyntaxNode) => {
        if (node.operator !== '??') condition(node.left);
      },
      UnaryExpression: (node: SyntaxNode) => {
        const { argument, operator: symbol = '' } = node;
        if (!argument) return;
        if (symbol === '!') {
          if (isTensor(typeOf(argument))) report(node, 'not');
          return;
        }
        const instead = unaryFunctions[symbol] ?? (symbol === '+' ? 'item()' : undefined);
        if (instead && mayBeTensor(typeOf(argument))) {
          report(node, 'operator', { operator: symbol, instead });
        }
      },
      BinaryExpression: (node: SyntaxNode) => operator(node, node.operator ?? '', sides(node)),
      AssignmentExpression: (node: SyntaxNode) => {
        operator(node, node.operator?.replace(/=$/, '') ?? '', sides(node));
      },
      UpdateExpression: (node: SyntaxNode) => {
        const { argument, operator: symbol = '' } = node;
        if (argument) operator(node, symbol.slice(1), [argument]);
      },
    };
  },
};

/** Whether every value of a type is a tensor. */
function isTensor(type: StaticType): boolean {
  if (type.types?.length)
    return type.isUnion() ? type.types.every(isTensor) : type.types.some(isTensor);
  return isTensorItself(type);
}

/** Whether some value of a type is a tensor. */
function mayBeTensor(type: StaticType): boolean {
  return type.types?.length ? type.types.some(mayBeTensor) : isTensorItself(type);
}

function isTensorItself(type: StaticType): boolean {
  const name = type.symbol?.name;
  if (name === 'Tensor' || name === 'TensorHandle') {
    return ['dtype', 'astype', 'ndarray'].every((property) => type.getProperty(property));
  }
  const bound = type.getConstraint();
  return bound !== undefined && bound !== type && isTensor(bound);
}

/** Whether a node is `null` or `undefined`, with which == tells whether there is a tensor. */
function isNothing({ type, name, raw }: SyntaxNode): boolean {
  return type === 'Literal' ? raw === 'null' : type === 'Identifier' && name === 'undefined';
}
