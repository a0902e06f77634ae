import { type Published, published } from '../../published.ts';
import type { Link } from './link-graph.ts';

/** A score that is known, by the name of the page. */
export interface KnownScore {
  readonly page: string;
  readonly score: Published;
}

/** A derivative of the target's score that is known, by the names of the link's ends. */
export interface KnownDerivative {
  readonly from: string;
  readonly to: string;
  readonly derivative: Published;
}

/** A graph with an answer. */
export interface KnownRanking {
  readonly source: string;
  readonly alpha: number;
  readonly target: string;
  readonly scores: readonly KnownScore[];
  readonly derivatives: readonly KnownDerivative[];
}

/** Six pages, of which page 2 links to nobody. */
export const sixPageLinks: readonly Link[] = [
  '1>2',
  '1>3',
  '3>1',
  '3>2',
  '3>5',
  '4>5',
  '4>6',
  '5>4',
  '5>6',
  '6>4',
].map((link) => {
  const [from = '', to = ''] = link.split('>');
  return { from, to, weight: 1 };
});

/** Langville and Meyer's worked example, and the derivative for one of its links. */
export const sixPageRanking: KnownRanking = {
  source:
    'the example of A. N. Langville, C. D. Meyer, Internet Mathematics 1 (2004) 335, to more digits',
  alpha: 0.9,
  target: '4',
  scores: [
    { page: '1', score: published('.037211965') },
    { page: '2', score: published('.053957349') },
    { page: '3', score: published('.041505653') },
    { page: '4', score: published('.375080815') },
    { page: '5', score: published('.205998332') },
    { page: '6', score: published('.286245885') },
  ],
  derivatives: [{ from: '5', to: '4', derivative: published('.02204500578949879') }],
};

/** The karate club without weights, at the usual damping. */
export const karateRanking: KnownRanking = {
  source: 'computed in arithmetic of 34 digits, independently of @grad',
  alpha: 0.85,
  target: '33',
  scores: [
    { page: '33', score: published('.100919182332626') },
    { page: '0', score: published('.096997285388295') },
    { page: '32', score: published('.071693226005754') },
  ],
  derivatives: [
    { from: '13', to: '33', derivative: published('.005523732487822') },
    { from: '19', to: '33', derivative: published('.005220684311059') },
    { from: '9', to: '2', derivative: published('-.003805975745697') },
  ],
};
