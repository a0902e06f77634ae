import { flattenIndex, type Index } from '../kernel/affine.ts';
import type { Buffer, Expr } from '../kernel/expr.ts';
import { constant } from '../kernel/scalars.ts';
import type { Read, SiteDetails } from '../primitives/define.ts';
import type { Atom, Equation, Var } from '../program/program.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { isBelow } from './boxes.ts';
import { Folder } from './fold.ts';
import type { Cluster, Fusion } from './fuse.ts';
import { IndexKeys } from './index-key.ts';
import { contextOf, loweringOf } from './probe.ts';
import type { Sites } from './sites.ts';
import { dense } from './space.ts';
import { unroll } from './unroll.ts';
import { unrollRow } from './unroll-row.ts';

/**
 * The scalars of one kernel: the value of any variable at any position, computed from the
 * operands of its equation when it belongs to this kernel, and else loaded from memory. A value at
 * one position is one expression however often it is asked for.
 */
export class Values {
  /** Parameters of the kernel: one for each variable it loads. */
  readonly loads = new Map<Var, Buffer>();
  /** Parameters of the kernel: one for each variable it stores. */
  readonly stores = new Map<Var, Buffer>();
  /** Values of this kernel that consist of parts. */
  readonly parts = new Set<Var>();
  readonly folder = new Folder();
  /** The row that is computed, in a map over rows. */
  row: Index = [];
  readonly #fusion: Fusion;
  readonly #cluster: Cluster;
  readonly #sites: Sites;
  readonly #keys = new IndexKeys();
  readonly #known = new Map<Var, Map<string, Expr>>();
  readonly #reads = new Map<Equation, readonly Read[]>();
  readonly #contexts = new Map<Equation, ReturnType<typeof contextOf>>();

  constructor(fusion: Fusion, cluster: Cluster, sites: Sites) {
    this.#fusion = fusion;
    this.#cluster = cluster;
    this.#sites = sites;
  }

  /** The value of an atom at a position. */
  at(atom: Atom, index: Index): Expr {
    const { dtype, shape } = dense(atom.type);
    if (atom.kind === 'literal') return constant(dtype, atom.value);
    if (sizeOf(shape) === 0) return constant(dtype, 0);
    const folded = this.folder.index(index);
    const key = this.#keys.of(folded);
    const known = this.#known.get(atom)?.get(key);
    if (known) return known;
    const equation = this.#ownEquation(atom);
    if (equation === undefined) {
      const offset = flattenIndex(folded, shape);
      return this.#bind(atom, key, {
        op: 'load',
        type: dtype,
        buffer: this.load(atom),
        index: offset,
      });
    }
    const lowering = loweringOf(equation);
    const rows = this.rowsOf(atom);
    const inParts = this.#fusion.inParts.has(atom);
    const part = (inParts || rows) && lowering.kind === 'nest' && lowering.piece;
    if (part) {
      if (inParts) this.parts.add(atom);
      const context = this.contextOf(equation);
      const value = part(this.readsOf(equation), folded, context, isBelow);
      if (value) return this.#bind(atom, key, this.folder.fold(value));
    }
    if (lowering.kind === 'nest') {
      if (rows) unrollRow(equation, this, rows, this.row);
      else unroll(equation, this);
      const value = this.#known.get(atom)?.get(key);
      if (value) return value;
      throw new Error(`${equation.operation.name}: an element was not written.`);
    }
    const value = lowering.at(this.readsOf(equation), folded, this.contextOf(equation));
    return this.#bind(atom, key, this.folder.fold(value));
  }

  /** The shape of the rows by which a value of this kernel is computed. */
  rowsOf(variable: Var): Shape | undefined {
    return this.#fusion.rows.get(variable);
  }

  /** Says what the value at a position is. */
  bind(variable: Var, index: Index, value: Expr): void {
    this.#bind(variable, this.#keys.of(index), value);
  }

  /** The values that an equation reads. */
  readsOf(equation: Equation): readonly Read[] {
    let reads = this.#reads.get(equation);
    if (reads === undefined) {
      reads = equation.inputs.map((input) => (index) => this.at(input, index));
      this.#reads.set(equation, reads);
    }
    return reads;
  }

  contextOf(equation: Equation): ReturnType<typeof contextOf> {
    let context = this.#contexts.get(equation);
    if (context === undefined) {
      context = contextOf(equation, (kind, limit, about?: SiteDetails) =>
        this.#sites.of(equation, kind, limit, about),
      );
      this.#contexts.set(equation, context);
    }
    return context;
  }

  /** The parameter through which a variable is loaded. */
  load(variable: Var): Buffer {
    return parameter(this.loads, variable, 'in');
  }

  /** The parameter through which a variable is stored. */
  store(variable: Var): Buffer {
    return parameter(this.stores, variable, 'out');
  }

  /** The equation of a variable that this kernel computes by itself. */
  #ownEquation(variable: Var): Equation | undefined {
    const { inlined, home, definitions } = this.#fusion;
    if (!inlined.has(variable) && home.get(variable) !== this.#cluster) return undefined;
    return definitions.get(variable);
  }

  #bind(variable: Var, key: string, value: Expr): Expr {
    let own = this.#known.get(variable);
    if (own === undefined) {
      own = new Map();
      this.#known.set(variable, own);
    }
    own.set(key, value);
    return value;
  }
}

function parameter(all: Map<Var, Buffer>, variable: Var, prefix: string): Buffer {
  let buffer = all.get(variable);
  if (buffer === undefined) {
    const { dtype, shape } = dense(variable.type);
    buffer = { name: `${prefix}${all.size}`, dtype, size: sizeOf(shape) };
    all.set(variable, buffer);
  }
  return buffer;
}
