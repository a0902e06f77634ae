import type { Affine } from '../kernel/affine.ts';
import type { Buffer, Expr } from '../kernel/expr.ts';
import type { Kernel, KernelModule, Pointer, Statement } from '../kernel/statement.ts';
import { itemSize } from '../tensor/dtype.ts';
import { formatType, tensorType } from '../tensor/type.ts';

/** What a backend has to say about how it prints a statement. */
export type Remark = (statement: Statement) => string | undefined;

interface Words {
  nameOf(kernel: Kernel): string;
  readonly remark: Remark;
}

/**
 * What a compiled Program does, as text: its kernels with the arrays and loops of each, the order
 * in which they run, and where the values between them are kept.
 */
export function explainModule(module: KernelModule, remark: Remark = () => undefined): string {
  const names = new Map(module.kernels.map((kernel, i) => [kernel, `k${i} ${kernel.name}`]));
  const words: Words = { nameOf: (kernel) => names.get(kernel) ?? kernel.name, remark };
  const bytes = (buffers: readonly Buffer[]): number =>
    buffers.reduce((sum, { size, dtype }) => sum + size * itemSize(dtype), 0);
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  return [
    `${count(module.kernels.length, 'kernel')}, ${formatBytes(bytes(module.inputs))} in, ` +
      `${formatBytes(bytes(module.outputs))} out, ${formatBytes(module.workspaceBytes)} of workspace`,
    ...module.kernels.flatMap((kernel) => describeKernel(kernel, words)),
    'main:',
    ...describeStatements(module.main, '  ', words),
  ].join('\n');
}

function describeKernel(kernel: Kernel, words: Words): string[] {
  const params = kernel.params.map(
    (p) => `${p.name}: ${formatType(tensorType(p.dtype, [p.size]))}`,
  );
  return [
    `${words.nameOf(kernel)}(${params.join(', ')}):`,
    ...describeStatements(kernel.body, '  ', words),
  ];
}

function describeStatements(
  statements: readonly Statement[],
  indent: string,
  words: Words,
): string[] {
  return statements.flatMap((statement) => {
    const remark = words.remark(statement);
    if (remark === undefined) return describeStatement(statement, indent, words);
    const inside = describeStatement(statement, `${indent}  `, {
      ...words,
      remark: () => undefined,
    });
    return [`${indent}${remark}:`, ...inside];
  });
}

function describeStatement(statement: Statement, indent: string, words: Words): string[] {
  const inner = (body: readonly Statement[]): string[] =>
    describeStatements(body, `${indent}  `, words);
  switch (statement.do) {
    case 'for': {
      const extent = statement.loop.extent ?? (statement.count ? formatExpr(statement.count) : '?');
      const kind = statement.parallel ? 'for' : 'in order for';
      return [`${indent}${kind} ${statement.loop.name} < ${extent}:`, ...inner(statement.body)];
    }
    case 'store': {
      const target = `${statement.buffer.name}[${formatAffine(statement.index)}]`;
      return [`${indent}${target} = ${formatExpr(statement.value)}`];
    }
    case 'set':
      return [`${indent}${statement.local.name} = ${formatExpr(statement.value)}`];
    case 'reduce': {
      const loops = statement.loops.map(({ name, extent }) => `${name} < ${extent}`).join(', ');
      const value = formatExpr(statement.value);
      return [`${indent}${statement.target.name} = ${statement.combine} of ${value} over ${loops}`];
    }
    case 'if':
      return [
        `${indent}if ${formatExpr(statement.condition)}:`,
        ...inner(statement.then),
        ...(statement.else.length > 0 ? [`${indent}else:`, ...inner(statement.else)] : []),
      ];
    case 'while':
      return [
        `${indent}loop:`,
        ...inner(statement.before),
        `${indent}  leave unless ${formatExpr(statement.condition)}`,
        ...inner(statement.body),
      ];
    case 'call': {
      const args = statement.args.map(formatPointer).join(', ');
      return [`${indent}${words.nameOf(statement.kernel)}(${args})`];
    }
    case 'copy': {
      const { to, from, bytes } = statement;
      return [`${indent}copy ${formatPointer(to)} = ${formatPointer(from)}, ${formatBytes(bytes)}`];
    }
    case 'zero':
      return [`${indent}zero ${formatPointer(statement.at)}, ${formatBytes(statement.bytes)}`];
    case 'swap':
      return [`${indent}swap ${statement.a.name}, ${statement.b.name}`];
    case 'length':
      return [`${indent}${statement.target.name} = length of ${formatPointer(statement.stack)}`];
    case 'host': {
      const [args, results] = [statement.args, statement.results].map((all) =>
        all.map(formatPointer).join(', '),
      );
      return [`${indent}JavaScript ${statement.operation}(${args}) -> (${results})`];
    }
    case 'fail':
      return [`${indent}fail at site ${statement.site} with ${formatExpr(statement.detail)}`];
  }
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function formatPointer(pointer: Pointer): string {
  if (pointer.kind === 'slot') {
    return `${formatPointer(pointer.stack)}{${formatExpr(pointer.index)}${pointer.grow ? '+' : ''}}`;
  }
  const offset = formatAffine(pointer.offset);
  if (offset === '0') return pointer.buffer.name;
  return `${pointer.buffer.name} + ${offset}`.replace('+ -', '- ');
}

function formatAffine({ base, terms }: Affine): string {
  const parts = terms.map(({ coefficient, factor }) => {
    const sign = coefficient < 0 ? '-' : '';
    const times = Math.abs(coefficient) === 1 ? '' : `${Math.abs(coefficient)}*`;
    return `${sign}${times}${formatExpr(factor)}`;
  });
  if (base !== 0 || parts.length === 0) parts.push(String(base));
  return parts.join(' + ').replaceAll('+ -', '- ');
}

/** Longest text of one value; the rest is left out. */
const widest = 160;

function formatExpr(expr: Expr): string {
  return write(expr, { left: widest });
}

const symbols: { readonly [fn: string]: string } = { add: '+', sub: '-', mul: '*', div: '/' };

/** Text of an expression; stops when the budget is spent, since shared parts repeat. */
function write(expr: Expr, budget: { left: number }): string {
  if (budget.left <= 0) return '...';
  budget.left -= 6;
  const of = (x: Expr): string => write(x, budget);
  switch (expr.op) {
    case 'const':
      return String(expr.value);
    case 'loop':
      return expr.loop.name;
    case 'index':
      return `(${formatAffine(expr.index)})`;
    case 'local':
      return expr.local.name;
    case 'load':
      return `${expr.buffer.name}[${formatAffine(expr.index)}]`;
    case 'unary':
      return `${expr.fn}(${of(expr.x)})`;
    case 'binary': {
      const symbol = symbols[expr.fn];
      if (symbol) return `(${of(expr.x)} ${symbol} ${of(expr.y)})`;
      return `${expr.fn}(${of(expr.x)}, ${of(expr.y)})`;
    }
    case 'compare':
      return `${expr.fn}(${of(expr.x)}, ${of(expr.y)})`;
    case 'select':
      return `(${of(expr.condition)} ? ${of(expr.x)} : ${of(expr.y)})`;
    case 'cast':
      return `${expr.type}(${of(expr.x)})`;
    case 'bits':
      return `bits${expr.args.length === 1 ? expr.word : ''}(${expr.args.map(of).join(', ')})`;
    case 'math':
      return `${expr.fn}(${expr.args.map(of).join(', ')})`;
    case 'check':
      return `checked(${of(expr.x)} < ${expr.extent})`;
  }
}
