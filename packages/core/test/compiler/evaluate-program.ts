import { scanParams, whileParams } from '../../src/compiler/loop-equations.ts';
import { primitiveOf } from '../../src/primitives/define.ts';
import type { Atom, Program, Var } from '../../src/program/program.ts';
import { allocate, type Data, toDtype } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import type { TensorType, ValueType } from '../../src/tensor/type.ts';
import type { Value } from './interpret-kernels.ts';

/** Runs a Program by the plain evaluation rules of its primitives, and its loops in JavaScript. */
export function evaluateProgram(program: Program, inputs: readonly Value[]): Value[] {
  const values = new Map<Var, Value>();
  program.inputs.forEach((input, i) => {
    values.set(input, inputs[i] ?? fail('an input is missing'));
  });
  const read = (atom: Atom): Value => {
    if (atom.kind === 'var') return values.get(atom) ?? fail('a value is missing');
    const data = allocate(atom.type.dtype, 1);
    data[0] = toDtype(atom.type.dtype, atom.value);
    return data;
  };
  for (const equation of program.equations) {
    const operands = equation.inputs.map(read);
    const scan = scanParams(equation);
    const loop = whileParams(equation);
    let results: Value[];
    if (scan) {
      const first = Number(scan.length === null);
      const length = scan.length ?? dense(operands[0])[0] ?? 0;
      const consts = operands.slice(first, first + scan.consts);
      let carry = operands.slice(first + scan.consts, first + scan.consts + scan.carry);
      const xs = operands.slice(first + scan.consts + scan.carry);
      const ys: Value[][] = scan.body.outputs.slice(scan.carry).map(() => []);
      for (let step = 0; step < length; step++) {
        const at = scan.reverse ? length - 1 - step : step;
        const x = xs.map((value) => elementOf(value, at, length));
        const out = evaluateProgram(scan.body, [...consts, ...carry, ...x]);
        carry = out.slice(0, scan.carry);
        out.slice(scan.carry).forEach((y, i) => {
          const all = ys[i] ?? fail('no such y');
          all[at] = y;
        });
      }
      results = [
        ...carry,
        ...ys.map((all, i) => collect(all, equation.outputs[scan.carry + i]?.type)),
      ];
    } else if (loop) {
      const { condConsts, bodyConsts } = loop;
      let carry = operands.slice(condConsts + bodyConsts);
      const ys: Value[][] = loop.body.outputs.slice(loop.carry).map(() => []);
      let steps = 0;
      const goesOn = (): boolean => {
        const [flag] = evaluateProgram(loop.cond, [...operands.slice(0, condConsts), ...carry]);
        return dense(flag)[0] === 1;
      };
      for (; goesOn(); steps++) {
        const consts = operands.slice(condConsts, condConsts + bodyConsts);
        const out = evaluateProgram(loop.body, [...consts, ...carry]);
        carry = out.slice(0, loop.carry);
        out.slice(loop.carry).forEach((y, i) => {
          ys[i]?.push(y);
        });
      }
      results = [...carry, Int32Array.of(steps), ...ys.map((all): Value => ({ elements: all }))];
    } else {
      const primitive = primitiveOf(equation.operation);
      const [result] = equation.outputs;
      const arrays = equation.inputs.map((input, i) => ({
        type: tensor(input.type),
        data: dense(operands[i]),
      }));
      const data = result && primitive.reference?.(arrays, tensor(result.type), equation.params);
      results = [data ?? fail(`${equation.operation.name} has no reference`)];
    }
    equation.outputs.forEach((output, i) => {
      values.set(output, results[i] ?? fail('a result is missing'));
    });
  }
  return program.outputs.map(read);
}

function elementOf(value: Value, at: number, length: number): Value {
  if ('elements' in value) return value.elements[at] ?? fail('no such element');
  const size = value.length / length;
  return value.slice(at * size, (at + 1) * size);
}

function collect(all: readonly Value[], type: ValueType | undefined): Value {
  if (type?.kind !== 'tensor') return { elements: all };
  const data = allocate(type.dtype, sizeOf(type.shape));
  const size = data.length / all.length;
  all.forEach((value, i) => {
    data.set(dense(value), i * size);
  });
  return data;
}

export function dense(value: Value | undefined): Data {
  if (value === undefined || 'elements' in value) return fail('a stack is not an array');
  return value;
}

function tensor(type: ValueType): TensorType {
  return type.kind === 'tensor' ? type : fail('a stack is not a tensor');
}

function fail(what: string): never {
  throw new Error(what);
}
