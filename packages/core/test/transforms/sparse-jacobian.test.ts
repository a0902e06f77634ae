import {
  argmax,
  concatenate,
  cond,
  customVjp,
  exp,
  fixed,
  foriLoop,
  grad,
  jit,
  jvp,
  matmul,
  program,
  SparsityPattern,
  scan,
  scatter,
  sin,
  sort,
  sparseJacobian,
  stack,
  stopGradient,
  type Tensor,
  take,
  tensor,
  tree,
  vmap,
  whileLoop,
  zeros,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { denseBy, denseOf, expectMatrix, ravel, ravelled } from './dense-jacobian.ts';

const random = (size: number, seed = 1): Tensor =>
  tensor(Float64Array.from({ length: size }, (_, i) => Math.sin(37.1 * (i + seed) ** 1.5) * 1.5));
const ints = (...values: number[]): Tensor => tensor(Int32Array.from(values));

const banded = (x: Tensor): Tensor =>
  x
    .at([null, -2])
    .mul(x.at([1, -1]))
    .sub(sin(x.at([2, null])));
const arrow = (x: Tensor): Tensor =>
  concatenate([x.mul(x.at(0)).add(exp(x)).at([1, null]), x.square().sum().expandDims(0)]);
const repeated = ints(0, 2, 2, 5, 1, 0);
const gathered = (x: Tensor): Tensor =>
  take(x, repeated)
    .square()
    .mul(x.at([0, 6]));
const elements = ints(0, 1, 1, 2, 2, 3, 3, 0, 4, 2);
/** Forces of springs between pairs of places, added up at each. */
const assembled = (x: Tensor): Tensor => {
  const ends = take(x, elements).reshape([5, 2]);
  const force = sin(ends.at(null, 0).sub(ends.at(null, 1)));
  return scatter(zeros([6]), elements, stack([force, force.neg()], { axis: 1 }).reshape([-1]), {
    mode: 'add',
  });
};
const blocks = (x: Tensor): Tensor =>
  ravel(vmap((b: Tensor) => stack([b.prod(), b.square().sum(), exp(b.at(0))]))(x.reshape([4, 2])));
const steppingFrom =
  (end: 'first' | 'last') =>
  (x: Tensor): Tensor =>
    scan(
      (carry: Tensor, element: Tensor): [Tensor, Tensor] => {
        const next = carry.mul(0.5).add(element.mul(element));
        return [next, sin(next)];
      },
      x.at(0),
      x.at([1, null]),
      { reverse: end === 'last' },
    )[1];
const stepping = steppingFrom('first');
/** Each step moves all by one place; in the end all is what the first place has. */
const drifting =
  (reverse: boolean) =>
  (x: Tensor): Tensor =>
    ravel(
      scan(
        (carry: Tensor): [Tensor, Tensor] => [
          concatenate([carry.at([0, 1]), carry.at([null, -1])]),
          sin(carry.at([1, null])),
        ],
        x,
        null,
        { length: 7, reverse },
      )[1],
    );
const diffusing = (x: Tensor): Tensor =>
  foriLoop(
    0,
    2,
    (_, y: Tensor) => concatenate([y.at([0, 1]), y.at([null, -1]).mul(y.at([1, null]))]),
    x,
  );
const until = (x: Tensor): Tensor =>
  whileLoop(
    (y) => y.abs().max().gt(0.1),
    (y) => concatenate([y.at([1, null]), y.at([0, 1])]).mul(0.5),
    x,
  );
const branching = (x: Tensor): Tensor =>
  cond(
    x.sum().gt(0),
    (y: Tensor) => y.square(),
    (y: Tensor) => concatenate([y.at([1, null]), y.at([0, 1])]),
    x,
  );

const functions: Readonly<Record<string, readonly [f: (x: Tensor) => Tensor, size: number]>> = {
  'a banded function': [banded, 9],
  'an arrow': [arrow, 7],
  'a gather with repeated indices': [gathered, 6],
  'forces added up': [assembled, 6],
  'blocks under vmap': [blocks, 8],
  'a scan': [stepping, 6],
  'a scan from the last element': [steppingFrom('last'), 6],
  'a loop whose state comes to rest': [drifting(false), 4],
  'a loop backwards whose state comes to rest': [drifting(true), 4],
  'a loop that couples neighbours': [diffusing, 7],
  'a loop of unknown length': [until, 5],
  'a branch': [branching, 4],
  'one element': [sin, 1],
  'no elements': [sin, 0],
  'a product with a matrix': [(x) => matmul(random(12).reshape([3, 4]), x), 4],
  'a constant': [() => random(3), 3],
  'the argument itself': [(x) => x, 3],
  'parts of the argument': [(x) => concatenate([x.at([2, null]), x.at([0, 1])]), 5],
  sorting: [(x) => sort(x).square(), 5],
  'a result that partly does not depend': [(x) => concatenate([random(2), x.mul(2), random(1)]), 3],
};

describe.each(Object.entries(functions))('the sparse Jacobian of %s', (_, [f, size]) => {
  const x = random(size);

  test('is the dense one', () => {
    const expected = denseBy(f, x);
    const found = sparseJacobian(f)(x);
    expect(found.pattern.shape).toEqual([f(x).size, size]);
    expect(found.data.shape).toEqual([found.pattern.nnz]);
    expectMatrix(denseOf(found), expected);
    expectMatrix(denseOf(jit(sparseJacobian(f))(x)), expected);
  });

  test('by a pattern that is given is the dense one', () => {
    const { pattern } = sparseJacobian(f)(x);
    const [rows, columns] = pattern.shape;
    const full = new SparsityPattern({
      shape: pattern.shape,
      indptr: Array.from({ length: rows + 1 }, (_, i) => i * columns),
      indices: Array.from({ length: rows * columns }, (_, i) => i % columns),
    });
    for (const given of [pattern, full]) {
      const found = jit(sparseJacobian(f, { pattern: given }))(x);
      expect(found.pattern).toBe(given);
      expectMatrix(denseOf(found), denseBy(f, x));
    }
  });
});

describe('the pattern', () => {
  test('has no more entries than there are for local functions', () => {
    const entries = (f: (x: Tensor) => Tensor, size: number): number =>
      sparseJacobian(f)(random(size)).pattern.nnz;
    expect(entries(banded, 20)).toBe(3 * 18);
    expect(entries(arrow, 7)).toBe(2 * 6 + 7);
    expect(entries(blocks, 8)).toBe(5 * 4);
    expect(entries(gathered, 6)).toBe(10);
    expect(entries(assembled, 6)).toBe(5 + 2 * 5);
    expect(entries(diffusing, 7)).toBe(1 + 2 + 3 * 5);
  });

  test('covers both branches, and all elements where positions depend on the point', () => {
    expect(sparseJacobian(branching)(random(4)).pattern.nnz).toBe(8);
    expect(sparseJacobian((x: Tensor) => sort(x))(random(4)).pattern.nnz).toBe(16);
    expect(
      sparseJacobian((x: Tensor) => take(x, argmax(x).reshape([1])))(random(4)).pattern.nnz,
    ).toBe(4);
  });

  test('is the same object again, until indices change', () => {
    const f = (x: Tensor, index: Tensor): Tensor => take(x, index).square();
    const jacobian = sparseJacobian(f);
    const first = jacobian(random(4), ints(0, 1, 2));
    expect(jacobian(random(4, 2), ints(0, 1, 2)).pattern).toBe(first.pattern);
    const other = jacobian(random(4), ints(3, 1, 2));
    expect([...other.pattern.indices]).toEqual([3, 1, 2]);
    expect([...jacobian(random(4), ints(0, 1, 2)).pattern.indices]).toEqual([0, 1, 2]);
  });

  test('of a large function takes memory and time in proportion to its entries', () => {
    const size = 200_000;
    const found = sparseJacobian(banded)(random(size));
    expect(found.pattern.nnz).toBe(3 * (size - 2));
    expect(found.data.at(1).item()).toBeCloseTo(random(size).at(0).item(), 12);
  });

  test('that would be huge is an error, unless it is given', () => {
    const coupled = (x: Tensor): Tensor => x.sub(x.mean());
    expect(() => sparseJacobian(coupled)(random(20_000))).toThrow(/not sparse.*give the pattern/s);
  });
});

describe('the derivatives that entries share', () => {
  const shared = (f: (x: Tensor) => Tensor, size: number): string =>
    String(program((x: Tensor) => sparseJacobian(f)(x).data)(random(size)));

  test('are one for each coordinate, where each observation reads variables of its own', () => {
    const [from, to] = [ints(0, 1, 2, 0, 1), ints(3, 3, 3, 4, 4)];
    const observed = (x: Tensor): Tensor => {
      const [a, b, weight] = [take(x, from), take(x, to), x.at([5, 10])];
      const errors = stack([sin(a.mul(b)), a.add(b.mul(a))], { axis: 1 });
      const weighted = stack([errors.at(null, 0).mul(weight), errors.at(null, 1).mul(weight)]);
      return concatenate([ravel(weighted), weight.square()]);
    };
    expectMatrix(denseOf(sparseJacobian(observed)(random(10))), denseBy(observed, random(10)));
    expect(shared(observed, 10)).toMatch(/iota\[size=2/);
    // A variable with many uses is one variable still: no entry is put together from several.
    expect(shared(observed, 10)).not.toMatch(/scatterAdd/);
  });

  test('are one in all for a function of neighbours', () => {
    expect(shared(banded, 9)).not.toMatch(/iota/);
  });
});

describe('a sparse Jacobian', () => {
  test('covers what random gathers and scatters depend on', () => {
    const positions = fc.array(fc.nat(5), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(positions, positions, (from, to) => {
        const f = (x: Tensor): Tensor => {
          const read = take(x, ints(...from)).square();
          const all = concatenate([read, read.mul(x.at(2)), x]).at([0, to.length]);
          const fitting = to.slice(0, all.shape[0]);
          return scatter(sin(x), ints(...fitting), all, { mode: 'add' });
        };
        expectMatrix(denseOf(sparseJacobian(f)(random(6))), denseBy(f, random(6)));
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  test('of trees has the leaves of argument and result one after the other', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor[] }): { p: Tensor; q: Tensor[] } => ({
      p: a.mul(b[0] ?? a),
      q: [(b[1] ?? a).sum(), a.at(0)],
    });
    const at = { a: random(3), b: [random(3, 5), random(4, 9)] };
    const [flat, unravel] = tree.ravel(at);
    const expected = denseBy((x) => {
      const { p, q } = f(unravel(x));
      return ravelled([p, ...q]);
    }, flat);
    const found = sparseJacobian(f)(at);
    expect(found.pattern.shape).toEqual([5, 10]);
    expectMatrix(denseOf(found), expected);
  });

  test('is taken in the arguments that argnums names', () => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => x.mul(y).add(z.at(0));
    const args = [random(3), random(3, 4), random(2)] as const;
    const [x, y, z] = args;
    expectMatrix(
      denseOf(sparseJacobian(f, { argnums: 1 })(x, y, z)),
      denseBy((t) => f(x, t, z), y),
    );
    const both = sparseJacobian(f, { argnums: [0, 2] })(x, y, z);
    expectMatrix(
      denseOf(both),
      denseBy((t) => f(t.at([0, 3]), y, t.at([3, 5])), concatenate([x, z])),
    );
  });

  test('under vmap is a batch of values with one pattern', () => {
    const xs = stack([random(6), random(6, 2)]);
    const found = vmap(sparseJacobian(gathered))(xs);
    expect(found.data.shape).toEqual([2, found.pattern.nnz]);
    [0, 1].forEach((i) => {
      const own = { data: found.data.at(i), pattern: found.pattern };
      expectMatrix(denseOf(own), denseBy(gathered, xs.at(i)));
    });
  });

  test.each([
    ['a banded function', banded, 6],
    ['a gather', gathered, 6],
    ['forces added up', assembled, 6],
    ['a scan', stepping, 4],
  ] as const)('of %s has derivatives of its values', (_, f, size) => {
    checkGrads((x: Tensor) => sparseJacobian(f)(x).data, [random(size)]);
    checkGrads(
      jit((x: Tensor) => sparseJacobian(f)(x).data),
      [random(size)],
    );
    const [, tangent] = jvp(
      (x: Tensor) => sparseJacobian(f)(x).data,
      [random(size)],
      [random(size)],
    );
    expect(tangent.abs().max().item()).toBeGreaterThan(0);
  });

  test('of a gradient is the Hessian', () => {
    const energy = (x: Tensor): Tensor =>
      sin(x.at([1, null]).sub(x.at([null, -1])))
        .square()
        .sum();
    const hessian = sparseJacobian(grad(energy))(random(6));
    expect(hessian.pattern.nnz).toBe(16);
    expectMatrix(denseOf(hessian), denseBy(grad(energy), random(6)));
  });

  test('inside grad sees the values of the point and of what it closes over', () => {
    const f = (scale: Tensor): Tensor =>
      sparseJacobian((x: Tensor) => take(x, repeated).mul(scale).square())(random(6)).data.sum();
    checkGrads(f, [tensor(1.3)]);
  });

  test('keeps float32', () => {
    const x = random(6).astype('float32');
    const found = sparseJacobian(gathered)(x);
    expect(found.data.dtype).toBe('float32');
    expectMatrix(denseOf(found), denseBy(gathered, random(6)), 1e-6);
  });

  test('of a function with its own pullback is that of the pullback', () => {
    const own = customVjp((x: Tensor) => sin(x), {
      fwd: (x): [Tensor, Tensor] => [sin(x), x],
      bwd: (x, ct: Tensor): [Tensor] => [ct.mul(3).mul(x)],
    });
    expectMatrix(denseOf(sparseJacobian(own)(random(3))), denseBy(own, random(3)));
  });

  test('of indices under jit needs them as fixed or closed over', () => {
    const f = (x: Tensor, index: Tensor): Tensor => take(x, index).square();
    const index = ints(2, 0, 2);
    const expected = denseBy((x) => f(x, index), random(4));
    const jitted = jit(sparseJacobian((x: Tensor, at: { value: Tensor }) => f(x, at.value)));
    expectMatrix(denseOf(jitted(random(4), fixed(index))), expected);
    expectMatrix(denseOf(jit(sparseJacobian((x: Tensor) => f(x, index)))(random(4))), expected);
    expect(() => jit(sparseJacobian(f))(random(4), index)).toThrow(/positions in take.*fixed/s);
    const { pattern } = sparseJacobian(f)(random(4), index);
    expectMatrix(denseOf(jit(sparseJacobian(f, { pattern }))(random(4), index)), expected);
  });
});

describe('wrong use of sparseJacobian', () => {
  const x = random(3);

  test('names what is wrong with the argument or the result', () => {
    expect(() => sparseJacobian(sin)(ints(1, 2))).toThrow(/argument 0 is int32/);
    expect(() => sparseJacobian((t: Tensor) => t.gt(0))(x)).toThrow(/a result is bool/);
    expect(() => sparseJacobian((t: Tensor) => t.astype('float32'))(x)).toThrow(/use astype/i);
    expect(() => sparseJacobian((t: Tensor) => void t.sum())(x)).toThrow(/must return tensors/);
    expect(() => sparseJacobian(sin, { argnums: 1 })(x)).toThrow(/argument 1/);
    // @ts-expect-error: no such option.
    expect(() => sparseJacobian(sin, { patern: 1 })).toThrow(/no option 'patern'/);
  });

  test('names what is wrong with a pattern', () => {
    const eye = { indptr: [0, 1, 2], indices: [0, 1] };
    const pattern = new SparsityPattern({ shape: [2, 2], ...eye });
    expect(() => sparseJacobian(sin, { pattern })(x)).toThrow(
      /pattern is of shape \[2, 2\], the Jacobian of \[3, 3\]/,
    );
    for (const shape of [
      [2, 3],
      [3, 2],
    ] as const) {
      const indptr = shape[0] === 2 ? [0, 1, 2] : [0, 1, 2, 2];
      const half = new SparsityPattern({ shape, indptr, indices: [0, 1] });
      expect(() => sparseJacobian(sin, { pattern: half })(x)).toThrow(
        `pattern is of shape [${shape.join(', ')}], the Jacobian of [3, 3]`,
      );
    }
    expect(() => new SparsityPattern({ shape: [3, 2], ...eye })).toThrow(/indptr of 3 rows/);
    expect(() => new SparsityPattern({ shape: [2, 1], ...eye })).toThrow(/column 1; there are 1/);
    expect(() => new SparsityPattern({ shape: [1, 2], indptr: [0, 2], indices: [1, 0] })).toThrow(
      /columns rise/,
    );
    // @ts-expect-error: a pattern has a shape.
    expect(() => sparseJacobian(sin, { pattern: eye })).toThrow(/SparsityPattern/);
  });

  test('a pattern that lacks entries is taken at its word', () => {
    const diagonal = { shape: [3, 3] as const, indptr: [0, 1, 2, 3], indices: [0, 1, 2] };
    const f = (t: Tensor): Tensor => t.mul(stopGradient(t).sum()).add(t.at(0).mul(0));
    const found = sparseJacobian(f, { pattern: diagonal })(x);
    expect(found.pattern.nnz).toBe(3);
    const sum = x.sum().item();
    expectMatrix([[...found.data.dataSync()]], [[sum, sum, sum]]);
  });
});
