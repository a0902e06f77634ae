/**
 * The little that the rule needs of ESLint, of typescript-eslint and of TypeScript, described by its
 * structure: the package depends on none of them.
 */

/** A node of a syntax tree, with the parts that the rule looks at. */
export interface SyntaxNode {
  readonly type: string;
  readonly test?: SyntaxNode | null;
  readonly left?: SyntaxNode;
  readonly right?: SyntaxNode;
  readonly argument?: SyntaxNode | null;
  readonly operator?: string;
  /** Of an identifier. */
  readonly name?: string;
  /** Of a literal. */
  readonly raw?: string;
}

/** A type of TypeScript. */
export interface StaticType {
  readonly symbol?: { readonly name: string } | undefined;
  /** Constituents of a union or intersection. */
  readonly types?: readonly StaticType[];
  /** Whether it is a union. */
  isUnion(): boolean;
  /** Property of a name. */
  getProperty(name: string): object | undefined;
  /** Bound of a type parameter. */
  getConstraint(): StaticType | undefined;
}

/** What ESLint hands to a rule. */
export interface RuleContext {
  readonly sourceCode: object;
  /** Reports a problem. */
  report(problem: Problem): void;
}

/** A problem that a rule reports. */
export interface Problem {
  readonly node: SyntaxNode;
  readonly messageId: string;
  readonly data?: Record<string, string>;
}

/** A rule of ESLint. */
export interface Rule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string };
    readonly messages: Record<string, string>;
    readonly schema: [];
  };
  /** Functions by the types of the nodes that they look at. */
  create(context: RuleContext): Record<string, (node: SyntaxNode) => void>;
}

interface TypeServices {
  getTypeAtLocation(node: SyntaxNode): StaticType;
}

/** The types that a parser knows; undefined for one that knows none. */
export function typesOf({ sourceCode }: RuleContext): TypeServices | undefined {
  const services = 'parserServices' in sourceCode ? sourceCode.parserServices : undefined;
  return hasTypes(services) ? services : undefined;
}

function hasTypes(services: unknown): services is TypeServices {
  return (
    typeof services === 'object' &&
    services !== null &&
    'getTypeAtLocation' in services &&
    typeof services.getTypeAtLocation === 'function'
  );
}
