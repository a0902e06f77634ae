import { DTypeError, jit, random, ShapeError, type Tensor, tensor, vmap } from '@grad/core';
import * as nn from '@grad/nn';
import { describe, expect, test } from 'vitest';

describe('crossEntropy', () => {
  test('of equal logits is the logarithm of the number of classes', () => {
    expect(nn.crossEntropy([[0, 0, 0, 0]], [2]).item()).toBeCloseTo(Math.log(4), 15);
    expect(nn.crossEntropy([0, 0], 1).item()).toBeCloseTo(Math.log(2), 15);
  });

  test('does not overflow', () => {
    expect(
      nn
        .crossEntropy([[1e4, 0]], [0])
        .abs()
        .item(),
    ).toBe(0);
    expect(nn.crossEntropy([[1e4, 0]], [1]).item()).toBe(1e4);
  });

  test('takes a batch of labels under vmap', () => {
    const z = random.normal(random.key(1), [3, 4, 5]);
    const labels = random.randint(random.key(2), 0, 5, [3, 4]);
    const one = (u: Tensor, l: Tensor): Tensor => nn.crossEntropy(u, l);
    const all = jit(vmap(one))(z, labels);
    [0, 1, 2].forEach((i) => {
      expect(all.at(i).item()).toBeCloseTo(one(z.at(i), labels.at(i)).item(), 14);
    });
  });

  test('says what does not fit', () => {
    expect(() => nn.crossEntropy([[1, 2]], [0, 1])).toThrow(ShapeError);
    expect(() => nn.crossEntropy([[1, 2]], [0, 1])).toThrow(
      /of shape \[1\]; the labels have shape \[2\]/,
    );
    expect(() => nn.crossEntropy([[1, 2]], tensor([0.5]))).toThrow(DTypeError);
    expect(() => nn.crossEntropy([[1, 2]], [2]).item()).toThrow(RangeError);
    expect(() => nn.crossEntropy([[1, 2]], [0], { labelSmoothing: 1 })).toThrow(
      /labelSmoothing is 1/,
    );
    // @ts-expect-error there is no such reduction
    expect(() => nn.crossEntropy([[1, 2]], [0], { reduction: 'max' })).toThrow(/reduction is max/);
  });
});

describe('other losses', () => {
  test('binary cross entropy keeps its digits at large logits', () => {
    const loss = nn.binaryCrossEntropyWithLogits([-50, 800], [0, 0], { reduction: 'none' });
    expect(loss.at(0).item()).toBeCloseTo(Math.exp(-50), 36);
    expect(loss.at(1).item()).toBe(800);
  });

  test('do not broadcast', () => {
    expect(() => nn.mse([[1], [2]], [1, 2])).toThrow(/mse: the shapes \[2, 1\] and \[2\] differ/);
    expect(() => nn.binaryCrossEntropyWithLogits([1, 2], 1)).toThrow(
      /shapes \[2\] and \[\] differ/,
    );
  });

  test('take targets in the dtype of the predictions', () => {
    expect(nn.mse(Float32Array.of(1, 2), [1, 4]).dtype).toBe('float32');
    expect(nn.mse(Float32Array.of(1, 2), [1, 4]).item()).toBe(2);
  });
});

describe('accuracy', () => {
  test('is the share of rows that are right', () => {
    const logits = [
      [1, 2],
      [3, 0],
      [0, 5],
      [1, 1],
    ];
    expect(nn.accuracy(logits, [1, 0, 0, 0]).item()).toBe(0.75);
    expect(() => nn.accuracy(logits, [1])).toThrow(/accuracy: logits of shape \[4, 2\]/);
  });
});
