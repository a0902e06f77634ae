import { jit, log, map, random, type Tensor } from '@grad/core';
import { adam, cosineDecay, fit } from '@grad/optim';
import { type Nerf, type NerfParams, nerf } from '@grad/render';
import { range, type Views } from './scene.ts';

/** How much to learn. */
export interface TrainOptions {
  readonly width: number;
  readonly depth: number;
  /** Points along a ray. */
  readonly samples: number;
  /** Rays in a step. */
  readonly rays: number;
  readonly steps: number;
  readonly signal: AbortSignal;
  /** Called some thirty times with the quality so far. */
  readonly onStage: (step: number, decibels: number) => Promise<void>;
}

/** What was learned. */
export interface Trained {
  readonly model: Nerf;
  readonly params: NerfParams;
  readonly curve: readonly { readonly step: number; readonly decibels: number }[];
  readonly status: string;
}

/** Peak signal-to-noise ratio of pictures with values in [0, 1]. */
export function decibels(a: Tensor, b: Tensor): number {
  const error = a.sub(b).square().mean();
  return (log(error).item() * -10) / Math.LN10;
}

/** Learns a radiance field from photographs, and watches how well it sees the held views. */
export async function train(seen: Views, held: Views, options: TrainOptions): Promise<Trained> {
  const { width, depth, samples, rays, steps, signal, onStage } = options;
  const model = nerf({ width, depth });
  const flat = [seen.origins, seen.directions, seen.images].map((x) => x.reshape([-1, 3]));
  const [origins, directions, pixels] = flat;
  if (!origins || !directions || !pixels) throw new Error('unreachable');
  const start = model.init(random.key(0));
  const stages = 30;
  const perStage = Math.ceil(steps / stages);
  const key = random.key(1);
  const view = rendererOf(model, samples);
  const curve: { step: number; decibels: number }[] = [];
  const loss = (params: NerfParams, batch: Tensor, { key: draw }: { key: Tensor }): Tensor => {
    const { color } = model.render(
      params,
      { origins: origins.take(batch), directions: directions.take(batch) },
      { ...range, samples, key: draw, background: 1 },
    );
    return color.sub(pixels.take(batch)).square().mean();
  };
  const result = await fit(loss, start, {
    optimizer: adam({
      learningRate: cosineDecay({ init: 5e-3, steps: stages * perStage, end: 1e-4 }),
    }),
    epochs: stages,
    key: random.key(2),
    batches: (epoch) =>
      Array.from({ length: perStage }, (_, i) =>
        random.randint(random.foldIn(random.foldIn(key, epoch), i), 0, pixels.shape[0] ?? 1, [
          rays,
        ]),
      ),
    signal,
    onEpoch: async ({ epoch, params }) => {
      const step = (epoch + 1) * perStage;
      const first = viewOf(held, 0);
      const quality = decibels(view(params, first.origins, first.directions), first.images);
      curve.push({ step, decibels: quality });
      await onStage(step, quality);
    },
  });
  return { model, params: result.params, curve, status: result.status };
}

/** One of several views. */
export function viewOf({ images, origins, directions }: Views, k: number): Views {
  return { images: images.at(k), origins: origins.at(k), directions: directions.at(k) };
}

/** Renders a view row by row. */
export function rendererOf(model: Nerf, samples: number) {
  return jit((params: NerfParams, origins: Tensor, directions: Tensor) =>
    map(
      ([from, along]: readonly [Tensor, Tensor]) =>
        model.render(
          params,
          { origins: from, directions: along },
          { ...range, samples, background: 1 },
        ).color,
      [origins, directions] as const,
    ),
  );
}
