import { jit, type Tensor, tensor } from '@grad/core';
import { graphBatch, influence, layerProfile, propagate } from '@grad/graph';
import { published } from '../../published.ts';
import type { Row } from '../../row.ts';
import type { Profile } from './profile.ts';

const nodes = 12;
const layers = 64;

/** A wave on a cycle through many layers without weights, and what is known of it. */
export function cycleProfile(): { readonly profile: Profile; readonly rows: readonly Row[] } {
  const places = Array.from({ length: nodes }, (_, i) => i);
  const graph = graphBatch([{ nodes, edges: places.map((i) => [i, (i + 1) % nodes]) }], {
    undirected: true,
    dtype: 'float64',
  });
  const angle = (2 * Math.PI) / nodes;
  const wave = tensor(places.map((i) => [Math.cos(angle * i)]));
  const steps = Array.from({ length: layers }, () => (x: Tensor) => propagate(x, graph));
  const found = jit((x: Tensor) => layerProfile(steps, x, graph, (h) => h.mul(wave).sum()))(wave);
  const profile: Profile = {
    name: 'cycle',
    energies: Array.from(found.energies.dataSync()),
    gradients: Array.from(found.gradientNorms.dataSync()),
  };
  const shrink = (1 + 2 * Math.cos(angle)) / 3;
  const [energy, gradient] = [
    relativeTo(profile.energies, 0),
    relativeTo(profile.gradients, layers),
  ];
  const deviations = energy.map((value, l) =>
    Math.max(
      Math.abs(value / shrink ** (2 * l) - 1),
      Math.abs((gradient[l] ?? 0) / shrink ** (layers - l) - 1),
    ),
  );
  const seen = influence((x) => steps.slice(0, 8).reduce((h, step) => step(h), x), wave, {
    nodes: [0],
  });
  return {
    profile,
    rows: [
      {
        what: `cycle of ${nodes}: energy after ${layers} layers, of that before`,
        result: energy.at(-1) ?? Number.NaN,
        reference: published('6.295672971310e-6'),
        source: '((1 + 2 cos(2π/n)) / 3)^(2 L)',
      },
      {
        what: 'cycle: largest relative deviation of energies and gradients by layer',
        result: Math.max(...deviations),
        reference: { kind: 'atMost', limit: 1e-11 },
        source: 'powers of (1 + 2 cos(2π/n)) / 3',
      },
      {
        what: 'cycle: influence of a node on itself after 8 layers, of 3^8 walks',
        result: seen.at(0, 0).item() * 3 ** 8,
        reference: { kind: 'exact', value: 1107, tolerance: 1e-10 },
        source: 'the central trinomial coefficient',
      },
    ],
  };
}

function relativeTo(values: readonly number[], place: number): number[] {
  return values.map((value) => value / (values[place] ?? 0));
}
