import { jit, matmul, type Tensor, take, tensor, valueAndGrad, vmap } from '@grad/core';
import { type Mesh, simp, solve, type Topology } from '@grad/fem';
import { published } from '../../published.ts';
import type { Row } from '../../row.ts';
import { beam } from './beam.ts';

const source = 'E. Andreassen et al. 2011 (88 lines), filter of sensitivities, radius 2.4';

/** Compliances against those of the published program. */
export function complianceRows({ history, compliance, iterations }: Topology): Row[] {
  const known = ['1007.022101', '583.627944', '417.059271'];
  return [
    ...known.map((text, k) => ({
      what: `compliance in iteration ${k + 1}`,
      result: history[k] ?? Number.NaN,
      reference: published(text),
      source,
    })),
    {
      what: 'compliance in the last iteration',
      result: compliance,
      reference: published('216.8137'),
      source,
    },
    {
      what: 'iterations until no density changes by more than 0.01',
      result: iterations,
      reference: { kind: 'exact', value: 106, tolerance: 0 },
      source,
    },
  ];
}

/** The gradient in densities against its closed form, relative to the largest element. */
export function gradientRow(mesh: Mesh, densities: Float64Array): Row {
  const nodes = tensor(mesh.elements);
  const compare = jit((x: Tensor) => {
    const [, gradient] = valueAndGrad((at: Tensor) => solve(beam(mesh, simp(at))).compliance)(x);
    const own = take(solve(beam(mesh, simp(x))).u, nodes).reshape([x.size, 8]);
    const unit = beam(mesh, x.mul(0).add(1)).stiffness;
    const energy = vmap((k: Tensor, u: Tensor) => matmul(u, matmul(k, u)))(unit, own);
    const exact = energy.mul(x.square()).mul(-3 * (1 - 1e-9));
    return gradient.sub(exact).abs().max().div(exact.abs().max());
  });
  return {
    what: 'gradient of the compliance against its closed form, relative',
    result: compare(tensor(densities)).item(),
    reference: { kind: 'atMost', limit: 1e-10 },
    source: 'the formula above',
  };
}
