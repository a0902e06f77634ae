import { SPLICE_SITES } from '@grad/sequence';
import type { Attachment, Listing } from '../../job.ts';
import { toCsv } from '../../to-csv.ts';
import type { Contribution } from './contributions.ts';
import type { Tested } from './cross-validate.ts';
import { isKnown, type Scan, type ScoredSite } from './scan-fasta.ts';
import type { Windows } from './windows.ts';

const listed = 10;

/** The likeliest donors and acceptors of a file. */
export function siteListings(scan: Scan): Listing[] {
  const { sites, path } = scan;
  const annotated = scan.records.some(({ known }) => known) ? ['annotated'] : [];
  return (['donor', 'acceptor'] as const).map((kind) => ({
    title: `The likeliest ${kind}s in ${path}`,
    columns: ['sequence', 'strand', 'position', 'evidence (nats)', 'bases', ...annotated],
    rows: sites
      .filter(({ site }) => site === kind)
      .slice(0, listed)
      .map((site) => [
        site.record,
        site.strand,
        String(site.position),
        site.score.toFixed(2),
        around(site),
        ...annotation(scan, site),
      ]),
  }));
}

/** Bases next to the border, exon in capitals. */
function around({ site, window }: ScoredSite): string {
  const half = window.length / 2;
  const [left, right] = [window.slice(Math.max(0, half - 8), half), window.slice(half, half + 8)];
  return site === 'donor' ? `${left}|${right.toLowerCase()}` : `${left.toLowerCase()}|${right}`;
}

/** Everything in full, as CSV. */
export function attachmentsOf(
  windows: Windows,
  { places, probabilities }: Tested,
  contributions: Readonly<Record<'donor' | 'acceptor', Contribution>>,
  scan: Scan | undefined,
): Attachment[] {
  const half = (windows.x.shape[1] ?? 0) / 2;
  const tested = places.map((place, i) => [
    windows.sequences[place] ?? '',
    SPLICE_SITES[windows.labels[place] ?? 2] ?? '',
    ...(probabilities[i] ?? []),
  ]);
  const letters = (['donor', 'acceptor'] as const).flatMap((site) =>
    contributions[site].letters.flatMap((row, k) =>
      row.map((value, b) => [site, k < half ? k - half : k - half + 1, 'ACGT'.charAt(b), value]),
    ),
  );
  return [
    { name: 'splice-tested.csv', content: toCsv(['window', 'site', ...SPLICE_SITES], tested) },
    {
      name: 'splice-contributions.csv',
      content: toCsv(['site', 'place', 'base', 'contribution'], letters),
    },
    ...(scan === undefined ? [] : [{ name: 'splice-sites.csv', content: sitesCsv(scan) }]),
  ];
}

function sitesCsv(scan: Scan): string {
  const annotated = scan.records.some(({ known }) => known) ? ['annotated'] : [];
  return toCsv(
    ['sequence', 'site', 'strand', 'position', 'evidence', 'window', ...annotated],
    scan.sites.map((each) => {
      const { record, site, strand, position, score, window } = each;
      return [record, site, strand, position, score, window, ...annotation(scan, each)];
    }),
  );
}

/** The last column of a site, where there is one. */
function annotation(scan: Scan, site: ScoredSite): string[] {
  if (!scan.records.some(({ known }) => known)) return [];
  return [isKnown(scan, site) ? 'yes' : 'no'];
}
