import type { Composition } from './composition.ts';
import type { Findings } from './examine.ts';
import { limits } from './limits.ts';

/** A composition with what came out. */
export interface Examined {
  readonly composition: Composition;
  readonly found: Findings;
}

const digits = (x: number): string => Number(x.toPrecision(6)).toString();

/** The page of the guide. */
export function renderPage(all: readonly Examined[]): string {
  return `<!-- Written by \`npm start\` in apps/compositions; a test fails when it is out of date. -->

# Compositions

Plugins know nothing of each other. They compose because all of them are functions of tensors: each of these
runs inside another one's loop, or inside its derivative, with nothing but public names.

| composition | value | slope | by differences | curvature | by differences |
| --- | ---: | ---: | ---: | ---: | ---: |
${all.map(renderRow).join('')}
Slope and curvature are the first and second derivative along one random direction, from \`grad\` and \`hvp\`;
differences are central ones of the value and of the gradient, extrapolated once. A test holds each pair to a
relative difference of ${limits.differences}. It holds values, gradients and products with the Hessian under \`jit\` to ${limits.jit} of those
without, batches of them under \`vmap\` to ${limits.vmap} of one by one, and reverse over reverse mode to ${limits.modes} of forward over
reverse, relative to the largest element.

${all.map(renderSection).join('\n')}`;
}

function renderRow({ composition, found }: Examined): string {
  const { value, slope, slopeByDifferences, curvature, curvatureByDifferences } = found;
  const numbers = [value, slope, slopeByDifferences, curvature, curvatureByDifferences];
  const link = `[${composition.title}](#${composition.name})`;
  return `| ${link} | ${numbers.map(digits).join(' | ')} |\n`;
}

function renderSection({ composition }: Examined): string {
  const { name, title, packages, variable } = composition;
  const parts = packages.map((part) => `\`@grad/${part}\``).join(', ');
  return `## ${title} {#${name}}

Of ${parts}; differentiated in the ${variable}.

<<< ../../apps/compositions/src/compositions/${name}.ts
`;
}
