/** A directed graph with weighted links, in the order they were given. Parallel links add up. */
export interface LinkGraph {
  /** What it is, for titles. */
  readonly name: string;
  /** Name of each page. */
  readonly labels: readonly string[];
  /** Page that each link leaves, as an index into `labels`. */
  readonly from: Int32Array;
  /** Page that each link leads to. */
  readonly to: Int32Array;
  /** Weight of each link, at least 0. */
  readonly weights: Float64Array;
}

/** A link between named pages. */
export interface Link {
  readonly from: string;
  readonly to: string;
  readonly weight: number;
}

/**
 * Numbers the pages of some links in the order of their first appearance. `undirected` adds the
 * reverse of every link right after it (a link from a page to itself is its own reverse).
 */
export function linkGraph(
  name: string,
  links: readonly Link[],
  { undirected }: { undirected: boolean },
): LinkGraph {
  const directed = undirected ? links.flatMap(bothWays) : links;
  const numbers = new Map<string, number>();
  const number = (label: string): number => {
    const known = numbers.get(label) ?? numbers.size;
    numbers.set(label, known);
    return known;
  };
  const from = Int32Array.from(directed, (link) => number(link.from));
  const to = Int32Array.from(directed, (link) => number(link.to));
  const weights = Float64Array.from(directed, (link) => link.weight);
  return { name, labels: [...numbers.keys()], from, to, weights };
}

function bothWays(link: Link): Link[] {
  return link.from === link.to ? [link] : [link, { ...link, from: link.to, to: link.from }];
}
