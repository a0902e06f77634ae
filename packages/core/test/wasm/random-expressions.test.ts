import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Affine,
  affineConst,
  affineLoop,
  affineOf,
  affineScale,
  affineShift,
} from '../../src/kernel/affine.ts';
import type { BinaryFunction, Buffer, Expr, Local, Loop, Scalar } from '../../src/kernel/expr.ts';
import {
  binary,
  cast,
  checkedIndex,
  compare,
  constant,
  indexValue,
  select,
  unary,
} from '../../src/kernel/scalars.ts';
import type { Statement } from '../../src/kernel/statement.ts';
import { type Data, type DType, itemSize, viewOf } from '../../src/tensor/dtype.ts';
import { evaluate } from './evaluate.ts';
import {
  buffer,
  inOrder,
  localOf,
  loopOf,
  parallel,
  pointer,
  read,
  runModule,
  store,
} from './harness.ts';

const floatUnary = ['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest'] as const;
const floatBinary = ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'] as const;
const intBinary = [
  'add',
  'sub',
  'mul',
  'div',
  'rem',
  'min',
  'max',
  'and',
  'or',
  'xor',
  'shl',
  'shr_s',
  'shr_u',
] as const;
const boolBinary = ['and', 'or', 'xor'] as const;
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const;
const types = ['float64', 'float32', 'int32', 'bool'] as const satisfies readonly DType[];

const specials: { readonly [D in DType]: readonly number[] } = {
  float64: [
    0,
    -0,
    1,
    -1.5,
    2.5,
    0.5,
    -0.5,
    1e300,
    -1e-310,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    3e9,
  ],
  float32: [
    0,
    -0,
    1,
    -1.5,
    2.5,
    0.5,
    -0.5,
    1e30,
    -1e-40,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    3e9,
  ],
  int32: [0, 1, -1, 2, 7, -3, 2147483647, -2147483648, 100],
  bool: [0, 1],
};

/** One step of building a graph: what to do, and with which of the values that exist. */
interface Step {
  readonly kind: number;
  readonly which: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(9),
  which: fc.nat(1000),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(1000),
});

function pick<T>(list: readonly T[], at: number): T {
  const item = list[at % list.length];
  if (item === undefined) throw new Error('an empty list');
  return item;
}

/** Places in an array of 64 elements, for a loop of at most 31 iterations. */
function places(loop: Loop, index: Buffer): Affine[] {
  const i = affineLoop(loop);
  const at: Expr = { op: 'load', type: 'int32', buffer: index, index: i };
  return [
    i,
    i,
    i,
    affineShift(i, 5),
    affineScale(i, 2),
    affineShift(affineScale(i, -1), 40),
    affineConst(7),
    checkedIndex(at, 50, 0),
    affineShift(affineOf(indexValue(affineScale(i, 1))), 1),
  ];
}

/** A binary function; the sign of NaN, which is anybody's guess, is not copied. */
function combined(fn: BinaryFunction, x: Expr, y: Expr): Expr {
  if (fn !== 'copysign') return binary(fn, x, y);
  return binary(fn, x, select(compare('eq', y, y), y, constant(y.type, 1)));
}

/** Adds values to a graph as the steps say; every value may be used by later ones. */
function build(
  steps: readonly Step[],
  allowed: readonly DType[],
  loop: Loop,
  inputs: ReadonlyMap<DType, Buffer>,
  index: Buffer,
  given: readonly Expr[] = [],
): Expr[] {
  const made: Expr[] = [...given];
  const load = (type: DType, which: number): Expr => {
    const from = inputs.get(type);
    if (!from) throw new Error('no such input');
    return { op: 'load', type, buffer: from, index: pick(places(loop, index), which) };
  };
  const some = (type: Scalar, which: number): Expr => {
    const candidates = made.filter((expr) => expr.type === type);
    return candidates.length > 0 ? pick(candidates, which) : load(type, which);
  };
  for (const { kind, which, a, b, c } of steps) {
    const type = pick(allowed, which);
    const float = type === 'float64' || type === 'float32';
    const binaries = float ? floatBinary : type === 'int32' ? intBinary : boolBinary;
    switch (kind) {
      case 0:
        made.push(constant(type, pick(specials[type], a)));
        break;
      case 1:
      case 2:
        made.push(load(type, a));
        break;
      case 3:
        if (float) made.push(unary(pick(floatUnary, a), some(type, b)));
        else if (type === 'bool') made.push(unary('not', some(type, b)));
        else made.push(unary(pick(['neg', 'abs', 'not'] as const, a), some(type, b)));
        break;
      case 4:
      case 5:
        made.push(
          combined(pick<(typeof binaries)[number]>(binaries, a), some(type, b), some(type, c)),
        );
        break;
      case 6:
        made.push(compare(pick(comparisons, a), some(type, b), some(type, c)));
        break;
      case 7:
        made.push(select(some('bool', a), some(type, b), some(type, c)));
        break;
      case 8: {
        const x = some(pick(allowed, a), b);
        const zero = constant(x.type, 0);
        made.push(type === 'bool' && x.type !== 'bool' ? compare('ne', x, zero) : cast(type, x));
        break;
      }
      default:
        made.push({ op: 'loop', type: 'int32', loop });
    }
  }
  return made;
}

function filled(type: DType, seed: number): Data {
  const data = viewOf(type, new ArrayBuffer(64 * 8), 0, 64);
  for (let i = 0; i < 64; i++)
    data[i] = pick(specials[type], Math.imul(i + seed, 2654435761) >>> 8);
  return data;
}

const typeSets: readonly (readonly DType[])[] = [
  ['float64'],
  ['float32'],
  ['int32'],
  ['float64', 'bool'],
  ['float32', 'bool'],
  ['float32', 'int32', 'bool'],
  ['float64', 'int32', 'bool'],
  types,
];

test('compiled expressions give what a plain evaluator gives, bit for bit', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 24 }),
      fc.integer({ min: 0, max: 31 }),
      fc.nat(typeSets.length - 1),
      fc.nat(1000),
      (steps, extent, set, seed) => {
        const loop = loopOf('i', extent);
        const inputs = types.map((type) => buffer(`in ${type}`, type, 64));
        const index = buffer('index', 'int32', 64);
        const allowed = pick(typeSets, set);
        const byType = new Map(types.map((type, i) => [type, pick(inputs, i)]));
        const made = build(steps, allowed, loop, byType, index);
        const roots = made.slice(-3);
        const outputs = roots.map((root, k) => buffer(`out ${k}`, root.type, extent));
        const body: Statement[] = roots.map((root, k) => store(pick(outputs, k), loop, root));
        const data = types.map((type, i) => filled(type, seed + i));
        const indices = Int32Array.from({ length: 64 }, (_, i) => (i * 7 + seed) % 50);
        const compiled = runModule(
          { main: [parallel(loop, ...body)], inputs: [...inputs, index], outputs },
          [...data, indices],
        );
        const buffers = new Map([
          ...inputs.map((b, i) => [b, pick(data, i)] as const),
          [index, indices] as const,
        ]);
        roots.forEach((root, k) => {
          const expected = Array.from({ length: extent }, (_, i) =>
            evaluate(root, { buffers, loops: new Map([[loop, i]]) }),
          );
          expect([...(compiled.outputs[k] ?? [])]).toEqual(expected);
        });
      },
    ),
    { numRuns: 1500 },
  );
}, 60_000);

test('statements that set locals read them as they are, in vectors and in order', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 3, maxLength: 20 }),
      fc.array(fc.record({ from: fc.nat(1000), to: fc.nat(1000), set: fc.boolean() }), {
        minLength: 2,
        maxLength: 8,
      }),
      fc.integer({ min: 0, max: 31 }),
      fc.nat(typeSets.length - 1),
      fc.boolean(),
      fc.nat(1000),
      (steps, actions, extent, set, inLanes, seed) => {
        const loop = loopOf('i', extent);
        const inputs = types.map((type) => buffer(`in ${type}`, type, 64));
        const index = buffer('index', 'int32', 64);
        const allowed = pick(typeSets, set);
        const byType = new Map(types.map((type, i) => [type, pick(inputs, i)]));
        const locals = allowed.flatMap((type) => [localOf('a', type), localOf('b', type)]);
        const made = build(steps, allowed, loop, byType, index, locals.map(read));
        const start: Statement[] = locals.map((local, i) => ({
          do: 'set',
          local,
          value: constant(local.type, pick(specials[local.type], seed + i)),
        }));
        const outputs = actions.map((_, k) => buffer(`out ${k}`, pick(made, k).type, extent));
        const body = actions.map(({ from, to, set: isSet }, k): Statement => {
          const value = pick(made, from);
          const targets = locals.filter((local) => local.type === value.type);
          if (isSet && targets.length > 0) return { do: 'set', local: pick(targets, to), value };
          const output = pick(outputs, k);
          return store(output, loop, value.type === output.dtype ? value : pick(made, k));
        });
        const main = inLanes
          ? [parallel(loop, ...start, ...body)]
          : [...start, inOrder(loop, ...body)];
        const data = types.map((type, i) => filled(type, seed + i));
        const indices = Int32Array.from({ length: 64 }, (_, i) => (i * 7 + seed) % 50);
        const zeros: Statement[] = outputs.map((output) => ({
          do: 'zero',
          at: pointer(output),
          bytes: extent * itemSize(output.dtype),
        }));
        const compiled = runModule(
          { main: [...zeros, ...main], inputs: [...inputs, index], outputs },
          [...data, indices],
        );

        const expected = outputs.map((output) =>
          viewOf(output.dtype, new ArrayBuffer(extent * 8), 0, extent),
        );
        const buffers = new Map([
          ...inputs.map((b, i) => [b, pick(data, i)] as const),
          [index, indices] as const,
        ]);
        const values = new Map<Local, number>();
        for (let i = 0; i < extent; i++) {
          for (const statement of inLanes || i === 0 ? [...start, ...body] : body) {
            if (statement.do !== 'set' && statement.do !== 'store') continue;
            const value = evaluate(statement.value, {
              buffers,
              loops: new Map([[loop, i]]),
              locals: values,
            });
            if (statement.do === 'set') values.set(statement.local, value);
            else pick(expected, outputs.indexOf(statement.buffer))[i] = value;
          }
        }
        expect(compiled.outputs.map((output) => [...output])).toEqual(
          expected.map((output) => [...output]),
        );
      },
    ),
    { numRuns: 1000 },
  );
}, 60_000);
