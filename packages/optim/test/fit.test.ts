import { log, mean, random, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type FitCheckpoint,
  type FitProgress,
  fit,
  sgd,
} from '../src/index.ts';

interface Line {
  readonly slope: Tensor;
  readonly offset: Tensor;
}
type Batch = readonly [x: Tensor, y: Tensor];

const squares = ({ slope, offset }: Line, [x, y]: Batch): Tensor =>
  x.mul(slope).add(offset).sub(y).square().mean();

/** y = 2 x - 1 at seven places, in batches of three: the last has one. */
const xs = [-3, -2, -1, 0, 1, 2, 3];
function* batches(epoch: number): Generator<Batch> {
  const order = xs.map((_, i) => xs[(i * 3 + epoch) % xs.length] ?? 0);
  for (let i = 0; i < order.length; i += 3) {
    const x = order.slice(i, i + 3);
    yield [tensor(x), tensor(x.map((v) => 2 * v - 1))];
  }
}
const zero = { slope: 0, offset: 0 };

describe('fit', () => {
  test('finds a line through batches of which the last is ragged', async () => {
    const { params, status, history, message } = await fit(squares, zero, {
      optimizer: adam({ learningRate: cosineDecay({ init: 0.3, steps: 480 }) }),
      batches,
      epochs: 160,
    });
    expect(status).toBe('completed');
    expect(params.slope.item()).toBeCloseTo(2, 6);
    expect(params.offset.item()).toBeCloseTo(-1, 6);
    expect(history.losses.length).toBe(480);
    expect(history.epochLosses.length).toBe(160);
    const [a = 0, b = 0, c = 0] = history.losses;
    expect(history.epochLosses[0]).toBeCloseTo((a + b + c) / 3, 14);
    expect(message).toBe('480 steps in 160 epochs.');
  });

  test('takes the steps that were worked out by hand', async () => {
    const one: Batch = [tensor([1, 2]), tensor([1, 3])];
    const { params, history } = await fit(squares, zero, {
      optimizer: sgd({ learningRate: 0.1 }),
      batches: () => [one, one],
    });
    // Gradients (-7, -4) and, at (0.7, 0.4), (-2.3, -1.1).
    expect(params.slope.item()).toBeCloseTo(0.93, 14);
    expect(params.offset.item()).toBeCloseTo(0.51, 14);
    expect(history.losses[0]).toBeCloseTo(5, 14);
    expect(history.losses[1]).toBeCloseTo(0.725, 14);
  });

  const noisy = (params: Line, [x, y]: Batch, { key }: { readonly key: Tensor }): Tensor =>
    squares(params, [x.add(random.normal(key, x.shape).mul(0.1)), y]);
  const options = {
    optimizer: chain(clipByGlobalNorm(5), adam({ learningRate: 0.1 })),
    batches,
    epochs: 4,
    key: random.key(7),
  };

  test('resumes from any checkpoint to the same bits as a fit that never stopped', async () => {
    const whole = await fit(noisy, zero, options);
    const kept: FitCheckpoint<typeof zero, unknown, null>[] = [];
    const saves = await fit(noisy, zero, {
      ...options,
      checkpoint: { every: 1, save: (checkpoint) => void kept.push(checkpoint) },
    });
    expect(saves.history).toEqual(whole.history);
    expect(kept.length).toBe(12);
    for (const stop of [2, 3, 7]) {
      const controller = new AbortController();
      const part = await fit(noisy, zero, {
        ...options,
        signal: controller.signal,
        onProgress: ({ step }) => {
          if (step === stop) controller.abort();
        },
      });
      expect([part.status, part.history.losses.length]).toEqual(['aborted', stop]);
      const rest = await fit(noisy, zero, { ...options, resume: part.checkpoint });
      expect(rest.history).toEqual(whole.history);
      expect(rest.params.slope.item()).toBe(whole.params.slope.item());
      expect(rest.params.offset.item()).toBe(whole.params.offset.item());
    }
  });

  test('gives each step a key of its own, which follows from that of the fit', async () => {
    const lossesFrom = async (seed: number): Promise<readonly number[]> => {
      const { history } = await fit(
        (x: Tensor, _: Tensor, { key }) => x.mul(0).add(random.uniform(key)),
        0,
        {
          optimizer: sgd({ learningRate: 1 }),
          batches: () => [tensor(0), tensor(0), tensor(0)],
          key: random.key(seed),
        },
      );
      return history.losses;
    };
    const losses = await lossesFrom(1);
    expect(new Set(losses).size).toBe(3);
    expect(await lossesFrom(1)).toEqual(losses);
    expect(new Set([...losses, ...(await lossesFrom(2))]).size).toBe(6);
  });

  test('keeps the parameters of the last good step when a loss is NaN, and names the step', async () => {
    // sqrt(x) by steps that are too long for the logarithm.
    const barrier = (x: Tensor, batch: Tensor): Tensor => batch.mul(x).sub(log(x)).sum();
    const { params, status, message, history } = await fit(barrier, 1, {
      optimizer: sgd({ learningRate: 0.4 }),
      batches: () => [tensor([1]), tensor([2]), tensor([5]), tensor([1])],
    });
    expect(status).toBe('notFinite');
    expect(history.losses.length).toBe(3);
    expect(params.item()).toBeLessThan(0);
    expect(message).toMatch(
      /At step 3 \(epoch 0, batch 3\) the loss is not finite: the loss is NaN/,
    );
  });

  test('says that a parameter and not the loss is infinite', async () => {
    const { params, status, message } = await fit((x: Tensor) => x.square().sum(), 1e160, {
      optimizer: sgd({ learningRate: 1e150 }),
      batches: () => [0],
    });
    expect([status, params.item()]).toEqual(['notFinite', 1e160]);
    expect(message).toMatch(/loss/);
  });

  test('carries a state of the model that is not differentiated', async () => {
    const centred = (
      slope: Tensor,
      [x, y]: Batch,
      { modelState }: { readonly modelState: { readonly mean: Tensor } },
    ): [Tensor, { mean: Tensor }] => {
      const running = modelState.mean.mul(0.5).add(mean(y).mul(0.5));
      return [x.mul(slope).sub(y).square().mean(), { mean: running }];
    };
    const batch: Batch = [tensor([1, 2]), tensor([1, 3])];
    const { modelState, history } = await fit(centred, 0, {
      optimizer: sgd({ learningRate: 0.1 }),
      batches: () => [batch, batch],
      modelState: { mean: tensor(4) },
    });
    expect(modelState.mean.item()).toBe(2.5);
    expect(history.losses.length).toBe(2);
  });

  test('shows progress, and waits for the end of each epoch', async () => {
    const steps: FitProgress<typeof zero>[] = [];
    const epochs: number[] = [];
    const { history } = await fit(squares, zero, {
      optimizer: sgd({ learningRate: 0.01 }),
      batches,
      epochs: 2,
      onProgress: (progress) => void steps.push(progress),
      onEpoch: async ({ epoch, loss }) => {
        await new Promise((resume) => setTimeout(resume, 1));
        epochs.push(epoch);
        expect(loss).toBeGreaterThan(0);
        expect(steps.length).toBe(3 * (epoch + 1));
      },
    });
    expect(epochs).toEqual([0, 1]);
    expect(steps.map(({ loss }) => loss)).toEqual(history.losses);
    expect(steps.map(({ epoch, step }) => [epoch, step])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 4],
      [1, 5],
      [1, 6],
    ]);
    expect(steps[5]?.stepsPerSecond).toBeGreaterThan(0);
  });

  test('gives way to timers, takes batches that arrive later, and any number of short steps', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    async function* endless(): AsyncGenerator<Batch> {
      for (let i = 0; i < 400; i++) yield [tensor([1, 2]), tensor([1, 3])];
    }
    const { params } = await fit(squares, zero, {
      optimizer: sgd({ learningRate: 0.1 }),
      batches: endless,
      epochs: 4,
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
    expect(params.slope.item()).toBeCloseTo(2, 8);
  });

  test('refuses what makes no sense', async () => {
    const optimizer = sgd({ learningRate: 0.1 });
    await expect(fit(squares, zero, { optimizer, batches, epochs: -1 })).rejects.toThrow(
      /epochs is -1/,
    );
    await expect(fit(squares, zero, { optimizer, batches: () => [] })).rejects.toThrow(
      /batches\(0\) gave 0 batches/,
    );
    await expect(
      fit(squares, zero, { optimizer, batches, checkpoint: { every: 0, save: () => {} } }),
    ).rejects.toThrow(/checkpoint.every is 0/);
    await expect(
      fit((x: Tensor, _: Tensor) => x.mul(tensor([1, 2])), 0, {
        optimizer,
        batches: () => [tensor(0)],
      }),
    ).rejects.toThrow(/scalar/);
    const stateful = (x: Tensor): [Tensor, { a: Tensor }] => [x.square(), { a: x }];
    await expect(
      fit<Tensor, number, unknown, object>(stateful, tensor(0), {
        optimizer,
        batches: () => [0],
        modelState: { b: tensor(0) },
      }),
    ).rejects.toThrow(/fit: the loss returns \[loss, modelState\].*different structures/);
  });
});
