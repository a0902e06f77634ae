import { affineZero } from '../kernel/affine.ts';
import type { Buffer } from '../kernel/expr.ts';
import type { Kernel, KernelModule, Statement } from '../kernel/statement.ts';
import type { Program } from '../program/program.ts';
import { blockBytes } from './blocks.ts';
import { buildLevel } from './level.ts';
import { Scope, Writer } from './place.ts';
import { planMemory } from './plan.ts';
import { layoutOf, pointerTo } from './pointers.ts';
import { simplify } from './simplify.ts';
import { Sites } from './sites.ts';

/**
 * Compiles a Program to kernels, the statements that call them, and a plan of their memory. Kernels
 * over the same rows run in blocks of about so many bytes.
 */
export function lowerProgram(source: Program, perBlock = blockBytes): KernelModule {
  const program = simplify(source);
  const sites = new Sites();
  const level = buildLevel(program, sites, perBlock);
  const writer = new Writer(sites);
  const inputs = program.inputs.map(
    ({ type }, i): Buffer => ({ name: `input${i}`, ...layoutOf(type) }),
  );
  const outputs = program.outputs.map(
    ({ type }, i): Buffer => ({ name: `output${i}`, ...layoutOf(type) }),
  );
  const main = writer.collect(() => {
    new Scope(
      writer,
      level,
      inputs.map((b) => pointerTo(b, affineZero)),
    ).run(outputs.map((b) => pointerTo(b, affineZero)));
  });
  const statements = [...writer.prologue, ...main];
  const { offsets, bytes } = planMemory(writer.workspace.intervals());
  return {
    kernels: kernelsOf(statements),
    main: statements,
    inputs,
    outputs,
    workspace: offsets,
    workspaceBytes: bytes,
    sites: sites.all,
    hosts: writer.hosts,
  };
}

/** The kernels that statements call, in order of their first call. */
function kernelsOf(statements: readonly Statement[]): Kernel[] {
  const kernels = new Set<Kernel>();
  const visit = (inner: readonly Statement[]): void => {
    for (const statement of inner) {
      if (statement.do === 'call') kernels.add(statement.kernel);
      if (statement.do === 'for') visit(statement.body);
      if (statement.do === 'if') {
        visit(statement.then);
        visit(statement.else);
      }
      if (statement.do === 'while') {
        visit(statement.before);
        visit(statement.body);
      }
    }
  };
  visit(statements);
  return [...kernels];
}
