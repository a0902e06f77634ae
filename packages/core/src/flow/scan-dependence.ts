import {
  type ElementOperand,
  ElementSets,
  elementCount,
  type KnownElements,
  type WalkElements,
} from '../primitives/element-sets.ts';
import type { ScanParams } from '../program/loops.ts';
import { inputTypes, type Program } from '../program/program.ts';
import { isTensor, makeTensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { splitScan } from './split-scan.ts';

type Sets = ElementSets | null;

/**
 * What the results of a linear loop depend on: step by step where the number of steps is known, and
 * otherwise what any number of steps could give.
 */
export function scanDependence(
  operands: readonly ElementOperand[],
  params: ScanParams,
  walk: WalkElements,
): readonly Sets[] {
  const [count] = splitScan(operands, params).count;
  const length = params.length ?? (count && wholeNumber(count.value()));
  return length === undefined
    ? anyNumberOfSteps(operands, params, walk)
    : everyStep(operands, params, walk, length);
}

function everyStep(
  operands: readonly ElementOperand[],
  params: ScanParams,
  walk: WalkElements,
  length: number,
): readonly Sets[] {
  const { consts, carry: start, xs } = splitScan(operands, params);
  const { body, reverse } = params;
  const elements = elementTypes(params);
  const results = body.outputs.slice(params.carry);
  const ys = results.map((): Sets[] => new Array<Sets>(length).fill(null));
  const steady = xs.every(({ sets }) => sets === null);
  let carry: readonly ElementOperand[] = start;
  for (let step = 0; step < length; step++) {
    let looked = false;
    const watch = (operand: ElementOperand): ElementOperand => ({
      ...operand,
      value: () => {
        looked = true;
        return operand.value();
      },
    });
    const at = reverse ? length - 1 - step : step;
    const x = xs.map((all, i) => elementOf(all, at, elements[i]));
    const outputs = walk(body, [...consts, ...[...carry, ...x].map(watch)]);
    const next = outputs.slice(0, params.carry);
    // What depends on the same again, by the same positions, goes on doing so.
    const settled = steady && !looked && next.every((after, i) => sameSets(after, carry[i]));
    const last = settled ? length - 1 : step;
    outputs.slice(params.carry).forEach(({ sets }, i) => {
      ys[i]?.fill(sets, reverse ? length - 1 - last : step, reverse ? at + 1 : last + 1);
    });
    carry = next;
    step = last;
  }
  return [
    ...carry.map(({ sets }) => sets),
    ...ys.map((all, i) => collect(all, results[i]?.type, params.length === null)),
  ];
}

function anyNumberOfSteps(
  operands: readonly ElementOperand[],
  params: ScanParams,
  walk: WalkElements,
): readonly Sets[] {
  const { consts, carry: start, xs } = splitScan(operands, params);
  const elements = elementTypes(params);
  const x = xs.map((all, i) => ({ ...elementOf(all, 0, elements[i]), value: varies }));
  let carry = start.map(({ type, sets }): ElementOperand => ({ type, sets, value: varies }));
  for (;;) {
    const outputs = walk(params.body, [...consts, ...carry, ...x]);
    const next = carry.map((before, i): ElementOperand => {
      const after = outputs[i]?.sets ?? null;
      const sets = before.sets && after ? before.sets.union(after) : (before.sets ?? after);
      return { ...before, sets };
    });
    if (next.every((after, i) => sameSets(after, carry[i]))) {
      const ys = outputs.slice(params.carry);
      return [...carry, ...ys.map((y) => ({ sets: y.sets?.everywhere(1) ?? null }))].map(
        ({ sets }) => sets,
      );
    }
    carry = next;
  }
}

function elementTypes({ body, consts, carry }: { body: Program; consts: number; carry: number }) {
  return inputTypes(body).slice(consts + carry);
}

/** An element of scanned values; that of a stack could be any of its elements. */
function elementOf(all: ElementOperand, at: number, type: ValueType = all.type): ElementOperand {
  const size = elementCount(type);
  const from = at * size;
  if (all.type.kind === 'stack') {
    return { type, sets: all.sets?.everywhere(size) ?? null, value: varies };
  }
  return {
    type,
    sets: all.sets?.slice(from, from + size) ?? null,
    value: () => {
      const value = all.value();
      if (!isTensor(value)) return value;
      return makeTensor(type, {
        kind: 'dense',
        data: value.read((data) => data.slice(from, from + size)),
      });
    },
  };
}

function collect(steps: readonly Sets[], type: ValueType | undefined, stacked: boolean): Sets {
  if (type === undefined || steps.every((sets) => sets === null)) return null;
  const all = ElementSets.concat(steps.map((sets) => sets ?? ElementSets.none(elementCount(type))));
  return stacked || type.kind === 'stack' ? all.everywhere(1) : all;
}

function sameSets(a: ElementOperand, b: ElementOperand | undefined): boolean {
  if (!b || a.sets === null || b.sets === null) return a.sets === b?.sets;
  return a.sets.equals(b.sets);
}

function varies(): KnownElements {
  return 'varies';
}

function wholeNumber(value: KnownElements): number | undefined {
  return isTensor(value) ? value.item() : undefined;
}
