import { readDelimited } from '../../delimited.ts';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';
import { karateTies } from './karate-club.ts';
import { type LinkGraph, linkGraph } from './link-graph.ts';
import { readLinks } from './read-links.ts';

/** Which graph to rank: a file's, or the karate club. */
export type GraphChoice = {
  readonly edges?: string | undefined;
  readonly undirected?: boolean | undefined;
};

/** @throws UserError when the file is wrong, or `undirected` is given without one. */
export async function readGraph(
  { edges, undirected = false }: GraphChoice,
  context: JobContext,
): Promise<LinkGraph> {
  if (edges !== undefined) {
    const file = await readDelimited(edges, context);
    return linkGraph(file.name, readLinks(file), { undirected });
  }
  if (undirected) {
    throw new UserError('--undirected is about the lines of a file. Give the file with --edges.');
  }
  const ties = karateTies.map(([a, b]) => ({ from: String(a), to: String(b), weight: 1 }));
  return linkGraph("Zachary's karate club", ties, { undirected: true });
}
