import { type Equation, isProgram, type Params, type Program, subprograms } from './program.ts';

const acting = new WeakMap<Program, boolean>();

/** Whether running an equation acts on the world, in the Programs of its parameters too. */
export function hasEffect({ operation, params }: Equation): boolean {
  return operation.effect === true || subprograms(params).some(acts);
}

function acts(program: Program): boolean {
  let answer = acting.get(program);
  if (answer === undefined) {
    answer = program.equations.some(hasEffect);
    acting.set(program, answer);
  }
  return answer;
}

/** The Program without what acts on the world, for computing its results once more. */
export function withoutEffects(program: Program): Program {
  if (!acts(program)) return program;
  return {
    ...program,
    equations: program.equations
      .filter(({ operation }) => !operation.effect)
      .map((equation) =>
        hasEffect(equation)
          ? { ...equation, params: mapSubprograms(equation.params, withoutEffects) }
          : equation,
      ),
  };
}

/** Parameters with each Program among them replaced. */
function mapSubprograms(params: Params, change: (program: Program) => Program): Params {
  const changed = (value: unknown): unknown =>
    isProgram(value) ? change(value) : Array.isArray(value) ? value.map(changed) : value;
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, changed(value)]));
}
