import type { Code } from '../encode/code.ts';
import { effectsOf, needsOrder } from './effects.ts';
import type { Lowering } from './lower.ts';
import type { LongWork } from './parts.ts';
import { isSimple, printSimple } from './simple.ts';
import type { LoopVariable } from './state.ts';
import { StatementPrinter } from './statements.ts';
import type { VectorNest } from './vectorize.ts';

/** Vectors, and operations in all, of a loop that is printed without one, at most. */
const unrolledVectors = 4;
const unrolledOperations = 48;

/** Instructions of an iteration that takes turns with others, at most: its values are all kept meanwhile. */
export const mostInTurns = 2 ** 9;

/** Prints independent loops around each other, the iterations of the last of which are lanes. */
export function printVectorNest(printer: StatementPrinter, nest: VectorNest): void {
  const [first, ...outer] = nest.outer;
  if (first) {
    const { loop, count } = first;
    printer.counted(loop, count, loop.extent !== undefined, effectsOf(nest.body), () =>
      printVectorNest(printer, { ...nest, outer }),
    );
    return;
  }
  const extent = printer.extentOf(nest.inner.loop);
  if (extent === undefined) printUnknown(printer, nest);
  else if (extent === nest.inner.loop.extent && isSmall(extent, nest))
    printUnrolled(printer, nest, extent);
  else printKnown(printer, nest, extent);
}

function isSmall(extent: number, { lanes, operations, body }: VectorNest): boolean {
  const vectors = Math.floor(extent / lanes);
  const copies = vectors + (extent % lanes);
  const flat = body.every((statement) => statement.do !== 'reduce');
  return flat && vectors <= unrolledVectors && copies * operations <= unrolledOperations;
}

function within(printer: StatementPrinter, lowering: Lowering): StatementPrinter {
  return new StatementPrinter(printer.emitter, printer.storage, { lowering });
}

function printUnrolled(
  printer: StatementPrinter,
  { inner: { loop }, lanes, body }: VectorNest,
  extent: number,
): void {
  const { lowering, emitter } = printer;
  const at = (value: number): LoopVariable => ({
    node: emitter.graph.node('const', 'i32', 1, [], { number: value }),
    offset: 0,
  });
  const whole = extent - (extent % lanes);
  for (let i = 0; i < whole; i += lanes) {
    within(printer, lowering.vectorised({ loop, lanes }, at(i))).print(body);
  }
  for (let i = whole; i < extent; i++) within(printer, lowering.at(loop, at(i))).print(body);
}

function printKnown(printer: StatementPrinter, nest: VectorNest, extent: number): void {
  const { code } = printer.emitter;
  const { lanes, inner } = nest;
  const { local } = printer.variable(inner.loop);
  const whole = extent - (extent % lanes);
  printer.iteration(inner.loop, 0);
  code.set(local);
  const vectors = vectorsAtOnce(nest, extent, printer.emitter.parts.longWork);
  const several = whole - (whole % (vectors * lanes));
  const upTo = (end: number, at: number): void =>
    printLanes(printer, nest, at, (body) =>
      repeat(code, body, local, at * lanes, () => printer.iteration(inner.loop, end)),
    );
  if (several > 0) upTo(several, vectors);
  if (whole > several) upTo(whole, 1);
  const left = extent - whole;
  if (left === 0) return;
  printRest(printer, nest, extent > 1, (body) => {
    if (left === 1) code.append(body);
    else repeat(code, body, local, 1, () => printer.iteration(inner.loop, extent));
  });
}

function printUnknown(printer: StatementPrinter, nest: VectorNest): void {
  const { emitter } = printer;
  const { code } = emitter;
  const { lanes, inner } = nest;
  if (!inner.count) throw new Error(`Loop ${inner.loop.name} has neither an extent nor a count.`);
  const { local } = printer.variable(inner.loop);
  const [extent, whole] = [emitter.builder.newLocal('i32'), emitter.builder.newLocal('i32')];
  printer.value(inner.count);
  code.tee(extent);
  code.i32(-lanes);
  code.op('i32.and');
  code.set(whole);
  code.i32(0);
  code.set(local);
  code.get(whole);
  code.i32(0);
  code.op('i32.gt_s');
  code.if(() => {
    emitter.guard(() =>
      printLanes(printer, nest, 1, (body) =>
        repeat(code, body, local, lanes, () => code.get(whole)),
      ),
    );
  });
  code.get(local);
  code.get(extent);
  code.op('i32.lt_s');
  code.if(() => {
    emitter.guard(() =>
      printRest(printer, nest, false, (body) =>
        repeat(code, body, local, 1, () => code.get(extent)),
      ),
    );
  });
}

/** How many vectors are worth their code: what is computed in them takes turns. */
function vectorsAtOnce({ body, instructions }: VectorNest, extent: number, longWork: LongWork) {
  if (instructions > mostInTurns || !body.every(isSimple) || needsOrder(body)) return 1;
  return longWork.find(([, least]) => instructions * extent >= least)?.[0] ?? 1;
}

/** The body for so many vectors of iterations that follow each other. */
function printLanes(
  printer: StatementPrinter,
  nest: VectorNest,
  vectors: number,
  place: (body: Code) => void,
): void {
  const { lowering, emitter } = printer;
  const { lanes, body, inner } = nest;
  const effects = effectsOf(body);
  printer.invalidate(effects);
  const { node } = lowering.variable(inner.loop);
  const printers = Array.from({ length: vectors }, (_, i) => {
    const variable = { node, offset: i * lanes };
    return within(printer, lowering.vectorised({ loop: inner.loop, lanes }, variable));
  });
  const print = (): void => {
    if (vectors > 1) printSimple(printers, body.filter(isSimple));
    else printers[0]?.print(body);
  };
  emitter.loop(effects, true, print, place);
  printer.invalidate(effects);
}

/** The iterations that fill no vector. */
function printRest(
  printer: StatementPrinter,
  { body }: VectorNest,
  independent: boolean,
  place: (body: Code) => void,
): void {
  const effects = effectsOf(body);
  printer.emitter.loop(effects, independent, () => printer.print(body), place);
  printer.invalidate(effects);
}

/** Runs a body, and again while the counter, which moves on by `step`, is below the end. */
export function repeat(
  code: Code,
  body: Code,
  counter: number,
  step: number,
  end: () => void,
): void {
  code.loop(() => {
    code.append(body);
    code.get(counter);
    code.i32(step);
    code.op('i32.add');
    code.tee(counter);
    end();
    code.op('i32.lt_s');
    code.brIf(0);
  });
}
