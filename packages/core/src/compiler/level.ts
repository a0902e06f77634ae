import type { Equation, Program, Var } from '../program/program.ts';
import { type BlocksStep, inBlocks } from './blocks.ts';
import { emitKernel, type KernelStep, PartsError } from './emit-kernel.ts';
import { type Fusion, fuse } from './fuse.ts';
import { joinSums } from './join-sums.ts';
import { loopCompiler } from './loop-compiler.ts';
import { isLength } from './loop-equations.ts';
import type { Sites } from './sites.ts';

/** A loop or a choice, and the steps of the Programs that it runs. */
export interface LoopStep {
  readonly kind: 'loop';
  readonly equation: Equation;
  /** The body of a loop; the first branch of a choice. */
  readonly body: Level;
  /** The condition of a `while`. */
  readonly cond?: Level;
  /** All branches of a choice. */
  readonly branches?: readonly Level[];
}

/** A call of JavaScript. */
export interface HostStep {
  readonly kind: 'host';
  readonly equation: Equation;
}

/** The length of a stack. */
export interface LengthStep {
  readonly kind: 'length';
  readonly equation: Equation;
}

/** A step of one equation. */
export type OwnStep = LoopStep | HostStep | LengthStep;

export type Step = KernelStep | BlocksStep | OwnStep;

/** One straight line of steps: a whole Program, or the body or condition of a loop. */
export interface Level {
  readonly program: Program;
  readonly steps: readonly Step[];
}

/** Cuts a Program and the bodies of its loops into kernels, which run in blocks of about so many bytes. */
export function buildLevel(source: Program, sites: Sites, blockBytes: number): Level {
  const program = joinSums(source);
  const loops = new Map<Equation, OwnStep>();
  const loopOf = (equation: Equation): OwnStep => {
    const step = loops.get(equation) ?? buildLoop(equation, sites, blockBytes);
    loops.set(equation, step);
    return step;
  };
  const refused = new Set<Var>();
  for (;;) {
    try {
      const steps = buildSteps(fuse(program, refused), sites, loopOf);
      return { program, steps: inBlocks(steps, program, blockBytes) };
    } catch (error) {
      if (!(error instanceof PartsError)) throw error;
      const before = refused.size;
      for (const v of error.values) refused.add(v);
      if (refused.size === before) throw error;
    }
  }
}

function buildSteps(
  fusion: Fusion,
  sites: Sites,
  loopOf: (equation: Equation) => OwnStep,
): readonly Step[] {
  const needed = new Set<Var>(fusion.forced);
  const steps: Step[] = [];
  for (const part of fusion.parts.toReversed()) {
    const step =
      part.kind === 'loop' ? loopOf(part.equation) : emitKernel(fusion, part, needed, sites);
    if (step) steps.push(step);
  }
  return steps.reverse();
}

function buildLoop(equation: Equation, sites: Sites, blockBytes: number): OwnStep {
  if (equation.operation.onHost) return { kind: 'host', equation };
  if (isLength(equation)) return { kind: 'length', equation };
  return loopCompiler().build(equation, (program) => buildLevel(program, sites, blockBytes));
}
