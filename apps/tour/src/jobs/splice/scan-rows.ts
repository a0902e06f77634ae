import type { Row } from '../../row.ts';
import { isKnown, type Scan, type ScoredSite } from './scan-fasta.ts';

/** How well annotated sites stand out, where a file annotates some. */
export function scanRows(scan: Scan): Row[] {
  return (['donor', 'acceptor'] as const).flatMap((kind) => {
    const judged = scan.sites
      .filter(({ site }) => site === kind)
      .map((site) => ({ site, known: isKnown(scan, site) }))
      .filter(({ known }) => known !== undefined);
    const right = judged.filter(({ known }) => known).length;
    if (right === 0) return [];
    return [
      { what: `annotated ${kind}s among ${judged.length} candidates`, result: right },
      { what: `area under the ROC curve of these ${kind}s`, result: areaUnderCurve(judged) },
      {
        what: `annotated ${kind}s among the first ${5 * right}`,
        result: judged.slice(0, 5 * right).filter(({ known }) => known).length,
      },
    ];
  });
}

/** Probability that a known site comes before another candidate; of equal scores, half do. */
export function areaUnderCurve(
  judged: readonly {
    readonly site: Pick<ScoredSite, 'score'>;
    readonly known?: boolean | undefined;
  }[],
): number {
  const known = judged.filter((each) => each.known);
  const others = judged.filter((each) => !each.known).map(({ site }) => site.score);
  const wins = known.reduce((sum, { site: { score } }) => {
    const [below, equal] = others.reduce(
      ([b, e], other) => [b + (other < score ? 1 : 0), e + (other === score ? 1 : 0)],
      [0, 0],
    );
    return sum + below + equal / 2;
  }, 0);
  return wins / (known.length * others.length);
}
