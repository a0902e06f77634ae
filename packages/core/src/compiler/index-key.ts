import type { Affine, AffineTerm, Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';

/** Numbers expressions so that index arithmetic built twice is recognised as the same position. */
export class IndexKeys {
  readonly #known = new Map<Expr, number>();
  readonly #structures = new Map<string, number>();
  #next = 0;

  of(index: Index): string {
    let key = '';
    for (const position of index) key += `${this.#affine(position)},`;
    return key;
  }

  #affine({ base, terms }: Affine): string {
    const [first, ...more] = terms;
    if (first === undefined) return String(base);
    const term = ({ coefficient, factor }: AffineTerm): string =>
      `${coefficient}*${this.#expr(factor)}`;
    if (more.length === 0) return `${base}+${term(first)}`;
    return `${base}+${terms.map(term).sort().join('+')}`;
  }

  #expr(expr: Expr): number {
    let id = this.#known.get(expr);
    if (id === undefined) {
      const structure = this.#structure(expr);
      id = structure === undefined ? this.#next++ : this.#intern(structure);
      this.#known.set(expr, id);
    }
    return id;
  }

  #intern(structure: string): number {
    let id = this.#structures.get(structure);
    if (id === undefined) {
      id = this.#next++;
      this.#structures.set(structure, id);
    }
    return id;
  }

  readonly #loops = new Map<object, number>();

  /** What makes two expressions equal; undefined for values that only identity can compare. */
  #structure(expr: Expr): string | undefined {
    switch (expr.op) {
      case 'const':
        return `c${expr.type}${expr.value}`;
      case 'loop': {
        const known = this.#loops.get(expr.loop) ?? this.#loops.size;
        this.#loops.set(expr.loop, known);
        return `l${known}`;
      }
      case 'index':
        return `i${this.#affine(expr.index)}`;
      case 'unary':
        return `${expr.fn}(${this.#expr(expr.x)})`;
      case 'binary':
      case 'compare':
        return `${expr.fn}(${this.#expr(expr.x)},${this.#expr(expr.y)})`;
      case 'cast':
        return `${expr.type}(${this.#expr(expr.x)})`;
      case 'check':
        return `check${expr.extent}@${expr.site}(${this.#expr(expr.x)})`;
      default:
        return undefined;
    }
  }
}
