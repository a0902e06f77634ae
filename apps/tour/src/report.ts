import type { ElementContent, Root } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { toHtml } from 'hast-util-to-html';
import { h } from 'hastscript';
import { formatRow, rowTitles } from './format-row.ts';
import { formulaMarkup } from './formula.ts';
import type { Figure, JobResult, Listing, Prose } from './job.ts';
import { type Outcome, succeeded, tally, tallySentence } from './outcome.ts';
import { reportStyle } from './report-style.ts';
import type { Row } from './row.ts';

/** What the report says of the run as a whole. */
export interface RunFacts {
  readonly date: Date;
  /** The command line that makes the same report. */
  readonly command: string;
  /** Machine and engine. */
  readonly platform: string;
}

/** The outcomes of a run as one self-contained page: inline style, inline pictures, no script. */
export function reportHtml(outcomes: readonly Outcome[], facts: RunFacts): string {
  const page = h(null, [
    { type: 'doctype' },
    h('html', { lang: 'en' }, [
      h('head', [
        h('meta', { charset: 'utf-8' }),
        h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
        h('title', '@grad: the tour'),
        h('style', reportStyle),
      ]),
      h('body', [
        heading(outcomes, facts),
        h('main', outcomes.map(section)),
        h('footer', [
          h('p', facts.platform),
          h('p', ['Reproduce with ', h('code', facts.command)]),
        ]),
      ]),
    ]),
  ]);
  return toHtml(page);
}

/** Markup that a library made, as part of the tree. */
function parsed(markup: string): Root {
  return fromHtml(markup, { fragment: true });
}

function heading(outcomes: readonly Outcome[], { date }: RunFacts): ElementContent {
  const counts = tally(outcomes);
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  return h('header', [
    h('p.brand', '@grad'),
    h('h1', 'The tour'),
    h(
      'p.lead',
      'Differentiable programming in TypeScript: each job below ran just now, on this machine, and is held against published numbers and the laws that the results must obey.',
    ),
    h('p.summary', [
      badge(succeeded(counts), tallySentence(counts)),
      h('span', `${seconds.toFixed(1)} s in all`),
      h(
        'time',
        { dateTime: date.toISOString() },
        `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      ),
    ]),
    h('nav', h('ul', outcomes.map(contentsItem))),
  ]);
}

function contentsItem(outcome: Outcome): ElementContent {
  const { job } = outcome;
  return h('li', [
    h('a', { href: `#${job.name}` }, job.title),
    ' ',
    badge(succeeded(tally([outcome])), tallySentence(tally([outcome]))),
  ]);
}

function badge(good: boolean, text: string): ElementContent {
  return h('span', { className: ['badge', good ? 'good' : 'bad'] }, text);
}

function section({ job, seconds, end }: Outcome): ElementContent {
  return h('section', { id: job.name }, [
    h('h2', job.title),
    h('p.byline', [h('code', job.name), ` · ${seconds.toFixed(2)} s`]),
    h('div.prose', job.explanation.map(paragraph)),
    ...(end.kind === 'done'
      ? resultContent(end.result)
      : [h('p.failure', [h('strong', 'This job failed. '), end.message])]),
  ]);
}

function paragraph(prose: Prose): ElementContent {
  return typeof prose === 'string'
    ? h('p', prose)
    : h('div.formula', parsed(formulaMarkup(prose.tex)));
}

function resultContent(result: JobResult): ElementContent[] {
  return [
    h('p.subject', result.subject),
    h('div.figures', result.figures.map(figure)),
    rowTable(result.rows),
    h('div.listings', result.listings.map(listingTable)),
    ...attachmentNote(result),
  ];
}

function figure({ svg, title, caption, wide = false }: Figure): ElementContent {
  return h('figure', { className: wide ? ['wide'] : [] }, [
    h('div.plot', { role: 'img', ariaLabel: `${title}. ${caption}` }, parsed(svg)),
    h('figcaption', [h('strong', `${title}. `), caption]),
  ]);
}

function rowTable(rows: readonly Row[]): ElementContent {
  const body = rows.map((row, index) => {
    const formatted = formatRow(row);
    const cells = rowTitles.map((title) => {
      if (title === 'what') return h('th', { scope: 'row' }, whatCell(row, rows[index - 1]));
      if (title === 'verdict') return h('td.verdict', verdictCell(formatted.verdict));
      return h('td.number', formatted[title]);
    });
    return h('tr', { className: [formatted.verdict] }, cells);
  });
  return tableElement('Results', rowTitles, body);
}

/** A source that several rows in a row share is named with the first of them. */
function whatCell({ what, source }: Row, before: Row | undefined): ElementContent[] {
  const text: ElementContent = { type: 'text', value: what };
  const repeated = source === undefined || source === before?.source;
  return repeated ? [text] : [text, h('small', source)];
}

function verdictCell(verdict: string): ElementContent[] {
  return verdict === 'none' ? [] : [badge(verdict === 'met', verdict)];
}

function listingTable({ title, columns, rows }: Listing): ElementContent {
  const body = rows.map((row) =>
    h(
      'tr',
      row.map((cell, index) =>
        index === 0 ? h('th', { scope: 'row' }, cell) : h('td.number', cell),
      ),
    ),
  );
  return tableElement(title, columns, body);
}

function tableElement(
  title: string,
  columns: readonly string[],
  body: ElementContent[],
): ElementContent {
  return h(
    'div.scroll',
    h('table', [
      h('caption', title),
      h(
        'thead',
        h(
          'tr',
          columns.map((column) => h('th', { scope: 'col' }, column)),
        ),
      ),
      h('tbody', body),
    ]),
  );
}

function attachmentNote({ attachments }: JobResult): ElementContent[] {
  if (attachments.length === 0) return [];
  const links = attachments.flatMap(({ name }, index) => [
    ...(index === 0 ? [] : [', ']),
    h('a', { href: name }, name),
  ]);
  return [h('p.attachments', ['In full, beside this page: ', ...links, '.'])];
}
