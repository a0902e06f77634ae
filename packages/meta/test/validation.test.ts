import { random, type Tensor, tensor } from '@grad/core';
import { anil, implicitMaml, maml, metaSgd, reptile, sinusoids, unroll } from '@grad/meta';
import { sgd } from '@grad/optim';
import { describe, expect, test } from 'vitest';
import { loss, quadratic } from './quadratic.ts';

const start = tensor([0, 0]);
const options = { innerSteps: 1, innerLearningRate: 0.1 };

describe('what makes no sense is refused', () => {
  test('a number of steps', () => {
    expect(() => maml(loss, { ...options, innerSteps: 1.5 })).toThrow(
      'maml: innerSteps is 1.5; give a whole number of 0 or more.',
    );
    expect(() => maml(loss, options).adapt(start, quadratic.support, { steps: -1 })).toThrow(
      'maml: steps is -1',
    );
    const optimizer = sgd({ learningRate: 0.1 });
    expect(() => unroll((w: Tensor) => w.square(), 1, { steps: -1, optimizer })).toThrow(
      'unroll: steps is -1',
    );
  });

  test('both or neither of a step size and an optimizer', () => {
    expect(() => reptile(loss, { innerSteps: 1 })).toThrow(
      'reptile: give innerLearningRate for gradient descent, or an optimizer; neither is given.',
    );
    const optimizer = sgd({ learningRate: 0.1 });
    expect(() => maml(loss, { ...options, optimizer })).toThrow(/both are given/);
  });

  test('a task without its parts', () => {
    // What JavaScript may pass: the types would not let it.
    const task: object = { support: quadratic.support };
    const learner: (theta: Tensor, task: never) => unknown = maml(loss, options);
    expect(() => Reflect.apply(learner, undefined, [start, task])).toThrow(
      'maml: the task has no query; give { support, query }',
    );
  });

  test('a loss that is not one number, by the name of the method', () => {
    const square = (theta: Tensor, shift: Tensor): Tensor => theta.sub(shift).square();
    const task = { support: start, query: start };
    expect(() => maml(square, options)(start, task)).toThrow(
      'maml: the loss of one task has shape [2]; it must be a scalar. End it with .mean() or .sum().',
    );
    expect(() => metaSgd(square, { innerSteps: 0 })({ params: start, rates: start }, task)).toThrow(
      'metaSgd: the loss of one task has shape [2]',
    );
    const split = ({ head }: { body: Tensor; head: Tensor }, shift: Tensor): Tensor =>
      square(head, shift);
    expect(() => anil(split, options)({ body: start, head: start }, task)).toThrow(
      'anil: the loss of one task has shape [2]',
    );
  });

  test('tasks of different numbers', () => {
    const batch = { support: tensor([[1], [2]]), query: tensor([[1], [2], [3]]) };
    const learner = maml((w: Tensor, x: Tensor) => w.mul(x).sum(), options);
    expect(() => learner.batch(1, batch)).toThrow(/vmap/);
  });

  test('a penalty that is not positive, and no iterations', () => {
    expect(() => implicitMaml(loss, { ...options, lambda: 0 })).toThrow(
      'implicitMaml: lambda is 0; give a finite number above 0.',
    );
    expect(() => implicitMaml(loss, { ...options, lambda: 1, cgSteps: 0 })).toThrow(
      'implicitMaml: cgSteps is 0; give a whole number of 1 or more.',
    );
  });

  test('sinusoids without points', () => {
    expect(() => sinusoids(random.key(0), { tasks: 2, shots: 0 })).toThrow(
      'sinusoids: shots is 0; give a whole number of 1 or more.',
    );
  });
});
