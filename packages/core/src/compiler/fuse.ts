import { hasEffect } from '../program/effects.ts';
import type { Atom, Equation, Program, Var } from '../program/program.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { Contents } from './contents.ts';
import { Demand } from './demand.ts';
import { isStep } from './loop-equations.ts';
import { merge, type Needs, nothing, through } from './needs.ts';
import { inliningCost, loweringOf, type Probe, probe } from './probe.ts';
import { chooseRows, type RowForm } from './rows.ts';
import { dense, isSmall, refines, spaceKey } from './space.ts';

/**
 * Equations that become one kernel. `map`: one loop nest over a common iteration space. `small`:
 * straight-line code for values of a few elements. `nest`: the loops of one operation, followed by
 * the elementwise equations that read each of its elements as it is written.
 */
export interface Cluster {
  readonly kind: 'map' | 'small' | 'nest';
  readonly key: string;
  /** Of a nest, the elements that it writes once each. */
  readonly space?: Shape | undefined;
  /** Of a map over rows, the shape of these. */
  readonly rows?: Shape | undefined;
  /** Its place among the parts. */
  position: number;
  readonly equations: Equation[];
  weight: number;
}

/** An equation that is a step of its own: a loop, or a call of JavaScript. */
export interface LoopPart {
  readonly kind: 'loop';
  readonly position: number;
  readonly equation: Equation;
}

/** A Program cut into steps, and what each value becomes. */
export interface Fusion {
  readonly parts: readonly (Cluster | LoopPart)[];
  /** Where a value is computed, unless each reader computes it. */
  readonly home: ReadonlyMap<Var, Cluster>;
  /** Values that each reader computes from its operands. */
  readonly inlined: ReadonlySet<Var>;
  readonly definitions: ReadonlyMap<Var, Equation>;
  /** Results in parts that are computed like a `pull`. */
  readonly inParts: ReadonlySet<Var>;
  /** Values that must be in memory whoever else reads them. */
  readonly forced: ReadonlySet<Var>;
  /** Values that are computed row by row, with their rows. */
  readonly rows: ReadonlyMap<Var, Shape>;
}

/** Operands and results of one kernel, at most: engines limit the parameters of a function. */
const portLimit = 400;
/** Equations of one loop nest, at most, and elements of straight-line code in one kernel. */
const weightLimit = { map: 256, small: 2048, nest: 64 } as const;
/** What is inlined into one equation, at most: the depth bounds that of expressions. */
const treeLimit = { depth: 40, weight: 80 } as const;

/** An equation with those inlined into it. */
interface Tree {
  /** Length of the longest chain. */
  readonly depth: number;
  /** Number of equations, which may count several times where values are read several times. */
  readonly weight: number;
  /** Number of values that are read, which may count several times, and of results. */
  readonly ports: number;
}

/**
 * Groups the equations of one straight line into kernels; linear in their number. Results in parts
 * that are `refused` are not fused into readers.
 */
export function fuse(program: Program, refused: ReadonlySet<Var> = new Set()): Fusion {
  return new Fuser(program, refused).run();
}

class Fuser {
  readonly #program: Program;
  readonly #probes = new Map<Equation, Probe>();
  readonly #definitions = new Map<Var, Equation>();
  readonly #forced = new Set<Var>();
  readonly #inlined = new Set<Var>();
  readonly #dead = new Set<Equation>();
  readonly #parts: (Cluster | LoopPart)[] = [];
  readonly #open = new Map<string, Cluster[]>();
  readonly #home = new Map<Var, Cluster>();
  readonly #needs = new Map<Var, Needs>();
  /** Equations inlined with a value. */
  readonly #trees = new Map<Var, Tree>();
  readonly #contents = new Map<Cluster, Contents>();
  /** Inlined values that consist of parts, or read such values. */
  readonly #inParts = new Set<Var>();
  readonly #pulledParts = new Set<Var>();
  /** Clusters whose position others have been placed by. */
  readonly #settled = new Set<Cluster>();
  /** Values that are read where loops cannot be cut into parts. */
  readonly #whole = new Set<Var>();
  readonly #refused: ReadonlySet<Var>;
  #rows: ReadonlyMap<Equation, RowForm> = new Map();
  readonly #rowValues = new Map<Var, Shape>();

  constructor(program: Program, refused: ReadonlySet<Var>) {
    this.#program = program;
    this.#refused = refused;
  }

  run(): Fusion {
    this.#chooseInlined();
    const live = this.#program.equations.filter((equation) => !this.#dead.has(equation));
    this.#rows = chooseRows(live, (equation) => this.#probes.get(equation));
    for (const [{ outputs }, { rows }] of this.#rows) {
      for (const v of outputs) this.#rowValues.set(v, rows);
    }
    for (const equation of this.#program.equations) {
      if (!this.#dead.has(equation)) this.#place(equation);
    }
    return {
      parts: this.#parts,
      home: this.#home,
      inlined: this.#inlined,
      definitions: this.#definitions,
      inParts: this.#pulledParts,
      forced: this.#forced,
      rows: this.#rowValues,
    };
  }

  /**
   * Goes from the last equation to the first, counting how many elements of each value its readers
   * would compute: a value is inlined where that is no more than computing it once.
   */
  #chooseInlined(): void {
    const demands = new Map<Var, Demand>();
    const force = (atom: Atom): void => {
      if (atom.kind === 'var') this.#forced.add(atom);
    };
    this.#program.outputs.forEach(force);
    for (const equation of this.#program.equations.toReversed()) {
      for (const output of equation.outputs) this.#definitions.set(output, equation);
      const read =
        hasEffect(equation) || equation.outputs.some((v) => this.#forced.has(v) || demands.has(v));
      if (!read) {
        this.#dead.add(equation);
        continue;
      }
      if (isStep(equation)) {
        equation.inputs.forEach(force);
        continue;
      }
      const facts = this.#probe(equation);
      const [output] = equation.outputs;
      const cost = inliningCost(equation, facts);
      const size = output ? sizeOf(dense(output.type).shape) : 0;
      let demand = new Demand();
      demand.add(equation, size);
      let repeats = 1;
      let whole = cost === undefined;
      if (cost && output && !(facts.inParts && this.#whole.has(output))) {
        const wanted = demands.get(output) ?? new Demand();
        const forced = this.#forced.has(output);
        if (cost === 'view' || (!forced && wanted.total <= size)) {
          this.#inlined.add(output);
          if (forced) wanted.add(equation, size);
          demand = wanted;
          repeats = size === 0 ? 0 : wanted.total / size;
          whole = this.#whole.has(output);
        }
      } else if (cost === undefined) {
        const lowering = loweringOf(equation);
        const inPlace =
          lowering.kind === 'nest' && !facts.unrollable ? lowering.inPlace : undefined;
        const target = inPlace === undefined ? undefined : equation.inputs[inPlace];
        if (target) force(target);
      }
      const together = placeOf(equation);
      equation.inputs.forEach((input, i) => {
        if (input.kind === 'literal') return;
        const reads = facts.reads[i] ?? 0;
        const own = demands.get(input) ?? new Demand();
        if (facts.access[i] === 'aligned')
          own.addAligned(demand, size === 0 ? 0 : Math.min(1, reads / size));
        else own.add(together ?? {}, reads * repeats);
        demands.set(input, own);
        if (whole || facts.access[i] === 'dynamic') this.#whole.add(input);
      });
    }
  }

  #probe(equation: Equation): Probe {
    const facts = probe(
      equation,
      equation.outputs.some((v) => this.#refused.has(v)),
    );
    this.#probes.set(equation, facts);
    const [output] = equation.outputs;
    if (facts.inParts && output) this.#pulledParts.add(output);
    return facts;
  }

  #place(equation: Equation): void {
    if (isStep(equation)) {
      const position = this.#parts.length;
      this.#parts.push({ kind: 'loop', position, equation });
      for (const input of equation.inputs) {
        const own = input.kind === 'var' ? this.#needs.get(input) : undefined;
        if (own) this.#settle(own);
      }
      for (const output of equation.outputs) {
        this.#needs.set(output, { ...nothing, strict: position + 1 });
      }
      return;
    }
    const facts = this.#probes.get(equation);
    const [output] = equation.outputs;
    if (!facts || !output) return;
    const needs = this.#needsOf(equation, facts);
    const tree = this.#treeOf(equation);
    if (this.#inlined.has(output)) {
      if (tree.depth <= treeLimit.depth && tree.weight <= treeLimit.weight) {
        this.#trees.set(output, tree);
        this.#needs.set(output, needs);
        if (facts.inParts || this.#readsParts(equation)) this.#inParts.add(output);
        if (!this.#forced.has(output)) return;
      } else {
        this.#inlined.delete(output);
      }
    }
    const cluster = this.#clusterFor(equation, facts, needs, tree.ports);
    cluster.equations.push(equation);
    const inRow = this.#rows.get(equation)?.inner ?? 1;
    const size = cluster.kind === 'small' ? sizeOf(dense(output.type).shape) : inRow;
    cluster.weight += this.#contentsOf(cluster).add(equation, this.#inlinedEquation) * size;
    for (const v of equation.outputs) {
      this.#home.set(v, cluster);
      if (this.#inlined.has(v)) continue;
      this.#needs.set(v, {
        strict: 0,
        aligned: cluster,
        fixed: cluster.kind === 'small' ? cluster : undefined,
      });
    }
  }

  #treeOf(equation: Equation): Tree {
    const { inputs, outputs } = equation;
    let depth = 0;
    let weight = 1;
    let ports = outputs.length;
    for (const input of inputs) {
      const tree = input.kind === 'var' ? this.#trees.get(input) : undefined;
      depth = Math.max(depth, tree?.depth ?? 0);
      weight += tree?.weight ?? 0;
      ports += tree?.ports ?? 1;
    }
    if (weight > treeLimit.weight) {
      const own = new Contents();
      weight = own.add(equation, this.#inlinedEquation);
      ports = own.values.size;
    }
    return { depth: depth + 1, weight, ports };
  }

  /** The equation of a value that is inlined, as what it consists of has its limits. */
  readonly #inlinedEquation = (value: Var): Equation | undefined =>
    this.#trees.has(value) ? this.#definitions.get(value) : undefined;

  #contentsOf(cluster: Cluster): Contents {
    let contents = this.#contents.get(cluster);
    if (contents === undefined) {
      contents = new Contents();
      this.#contents.set(cluster, contents);
    }
    return contents;
  }

  #readsParts({ inputs }: Equation): boolean {
    return inputs.some((input) => input.kind === 'var' && this.#inParts.has(input));
  }

  #needsOf(equation: Equation, facts: Probe): Needs {
    let needs = nothing;
    const form = this.#rows.get(equation);
    equation.inputs.forEach((input, i) => {
      if (input.kind === 'literal') return;
      const own = this.#needs.get(input);
      if (!own) return;
      // In a map over rows, a row is there as a whole.
      const isInRow = form?.local[i] && this.#rowValues.has(input);
      const passed = through(own, isInRow ? 'aligned' : (facts.access[i] ?? 'dynamic'));
      const both = merge(needs, passed);
      // What is not named any more is known by its position alone.
      for (const each of [needs, own]) this.#settle(each, both);
      needs = both;
    });
    return needs;
  }

  /** Clusters that are needed, but not named by what goes on, stay where they are. */
  #settle(needs: Needs, named: Needs = nothing): void {
    for (const cluster of [needs.aligned, needs.fixed]) {
      if (cluster && cluster !== named.aligned && cluster !== named.fixed) {
        this.#settled.add(cluster);
      }
    }
  }

  #clusterFor(equation: Equation, facts: Probe, needs: Needs, ports: number): Cluster {
    const shape = dense(equation.outputs[0]?.type ?? this.#unreachable()).shape;
    const form = this.#rows.get(equation);
    const isNest = loweringOf(equation).kind === 'nest' && !facts.inParts && !form;
    if (isNest && !facts.unrollable) {
      return this.#append('nest', '', facts.writesOnce ? shape : undefined);
    }
    const kind = isSmall(shape) ? 'small' : 'map';
    const key = kind === 'small' ? 'small' : spaceKey(form?.rows ?? shape);
    const { aligned, fixed, strict } = needs;
    if (
      !isNest &&
      !form &&
      !facts.inParts &&
      !this.#readsParts(equation) &&
      aligned?.space &&
      refines(aligned.space, shape) &&
      this.#hasRoom(aligned, ports)
    ) {
      const after = Math.max(strict, fixed ? fixed.position + 1 : 0);
      if (after > aligned.position && !this.#settled.has(aligned)) this.#moveToEnd(aligned);
      if (after <= aligned.position) return aligned;
    }
    this.#settle(needs);
    let earliest = strict;
    if (aligned) {
      earliest = Math.max(earliest, aligned.position + Number(aligned.key !== key || isNest));
    }
    if (fixed) earliest = Math.max(earliest, fixed.position + Number(kind !== 'small'));
    const open = this.#open.get(key) ?? [];
    for (let i = firstFrom(open, earliest); i < open.length; i++) {
      const cluster = open[i];
      if (cluster && this.#hasRoom(cluster, ports)) return cluster;
    }
    return this.#append(kind, key, undefined, form?.rows ?? shape.filter((extent) => extent !== 1));
  }

  #hasRoom(cluster: Cluster, ports: number): boolean {
    return (
      cluster.weight < weightLimit[cluster.kind] &&
      this.#contentsOf(cluster).values.size + ports <= portLimit
    );
  }

  #append(kind: Cluster['kind'], key: string, space?: Shape, rows?: Shape): Cluster {
    const cluster: Cluster = {
      kind,
      key,
      space,
      rows,
      position: this.#parts.length,
      equations: [],
      weight: 0,
    };
    this.#parts.push(cluster);
    if (kind !== 'nest') {
      const open = this.#open.get(key);
      if (open) open.push(cluster);
      else this.#open.set(key, [cluster]);
    }
    return cluster;
  }

  /** Runs a nest that nothing was placed after for its sake later, after all that is there. */
  #moveToEnd(cluster: Cluster): void {
    const empty: Cluster = { ...cluster, kind: 'map', equations: [], weight: 0 };
    this.#parts[cluster.position] = empty;
    cluster.position = this.#parts.length;
    this.#parts.push(cluster);
  }

  #unreachable(): never {
    throw new Error('An equation has no outputs.');
  }
}

/** The place in loops at which an equation reads all of its operands. */
function placeOf(equation: Equation): object | undefined {
  const lowering = loweringOf(equation);
  return lowering.kind === 'nest' && lowering.together ? equation : undefined;
}

/** The first cluster at or after a position; positions rise. */
function firstFrom(clusters: readonly Cluster[], position: number): number {
  let lo = 0;
  let hi = clusters.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if ((clusters[middle]?.position ?? 0) < position) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
