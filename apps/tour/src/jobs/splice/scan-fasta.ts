import { jit, type Tensor } from '@grad/core';
import {
  type GenbankRecord,
  introns,
  oneHotBatch,
  readFasta,
  readGenbank,
  type SpliceCandidate,
  type SpliceModel,
  type SpliceParams,
  spliceCandidates,
} from '@grad/sequence';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';
import { rowsOf } from './cross-validate.ts';
import { readText } from './read-text.ts';

/** A candidate, and what the model says of it. */
export interface ScoredSite extends SpliceCandidate {
  /** Name of the sequence. */
  readonly record: string;
  /** Logit of the site less that of no site, in nats. */
  readonly score: number;
}

/** A sequence of a file. */
export interface SequenceRecord {
  readonly id: string;
  readonly sequence: string;
  /** Sites that the file annotates, as `nameOf` calls them; undefined where it annotates none. */
  readonly known?: ReadonlySet<string>;
}

/** What was found in a file. */
export interface Scan {
  readonly path: string;
  readonly records: readonly SequenceRecord[];
  /** All candidates of all sequences, the likeliest first. */
  readonly sites: readonly ScoredSite[];
}

/** Sequences of a file, and where in them splice sites could be. */
export interface Candidates {
  readonly path: string;
  readonly records: readonly SequenceRecord[];
  readonly sites: readonly (SpliceCandidate & { readonly record: string })[];
}

/**
 * Every GT and AG on both strands of every sequence of a FASTA or GenBank file.
 *
 * @throws UserError when the file is neither, or holds something else than DNA.
 */
export async function readCandidates(
  path: string,
  length: number,
  context: JobContext,
): Promise<Candidates> {
  const records = await readText(path, context, readSequences);
  if (records.length === 0) throw new UserError(`${path} has no sequence.`);
  const sites = records.flatMap(({ id, sequence }) => {
    try {
      return spliceCandidates(sequence, { length }).map((site) => ({ ...site, record: id }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UserError(`${path}: sequence ${id} is no DNA: ${error.message}`);
    }
  });
  if (sites.length === 0) {
    throw new UserError(`${path} has neither GT nor AG, so that no intron can begin or end in it.`);
  }
  return { path, records, sites };
}

/** FASTA, or GenBank, which begins with LOCUS. */
function readSequences(text: string, name: string): SequenceRecord[] {
  return /^\s*LOCUS\s/.test(text) ? readGenbank(text, name).map(withKnown) : readFasta(text, name);
}

/** The borders of the introns of what is translated or transcribed. */
function withKnown({ name, sequence, features }: GenbankRecord): SequenceRecord {
  const genes = features.filter(({ key }) => key === 'CDS' || key === 'mRNA');
  const known = genes.flatMap(({ location }) =>
    introns(location).flatMap(({ start, end, complement }) => {
      const strand = complement ? '-' : '+';
      const [first, last] = complement ? [end, start] : [start, end];
      return [
        nameOf({ site: 'donor', strand, position: first }),
        nameOf({ site: 'acceptor', strand, position: last }),
      ];
    }),
  );
  return { id: name, sequence, ...(known.length === 0 ? {} : { known: new Set(known) }) };
}

function nameOf({
  site,
  strand,
  position,
}: Pick<SpliceCandidate, 'site' | 'strand' | 'position'>): string {
  return `${site}${strand}${position}`;
}

/** Whether the file annotates a site; undefined where it annotates none at all. */
export function isKnown({ records }: Candidates | Scan, site: ScoredSite): boolean | undefined {
  return records.find(({ id }) => id === site.record)?.known?.has(nameOf(site));
}

const batch = 1024;

/** What the model says of each candidate. */
export async function scoreCandidates(
  { sites: found, ...file }: Candidates,
  model: SpliceModel,
  params: SpliceParams,
  breathe: () => Promise<void>,
): Promise<Scan> {
  const logitsOf = jit((x: Tensor) => model.apply(params, x));
  const sites: ScoredSite[] = [];
  for (let from = 0; from < found.length; from += batch) {
    await breathe();
    const some = found.slice(from, from + batch);
    const logits = rowsOf(logitsOf(oneHotBatch(some.map((site) => site.window)).x));
    for (const [i, site] of some.entries()) {
      const [donor = 0, acceptor = 0, none = 0] = logits[i] ?? [];
      sites.push({ ...site, score: (site.site === 'donor' ? donor : acceptor) - none });
    }
  }
  return { ...file, sites: sites.sort((a, b) => b.score - a.score) };
}
