/** The report's style sheet, light and dark, without anything from outside the page. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfcf9, #14171c);
  --card: light-dark(#ffffff, #1b1f26);
  --text: light-dark(#1d2430, #e4e7ec);
  --soft: light-dark(#667085, #98a2b3);
  --line: light-dark(#e4e2dc, #2d333d);
  --accent: light-dark(#1f5fae, #7fb2f0);
  --series-1: light-dark(#c3c6cc, #565d69);
  --series-2: light-dark(#d9722e, #f0a063);
  --series-3: light-dark(#1f6fc4, #6fb0f5);
  --series-4: light-dark(#17866b, #4fc5a5);
  --target: light-dark(#9fdcc6, #1e7d63);
  --good: light-dark(#17704f, #5fd0a3);
  --good-paper: light-dark(#e3f4ec, #163528);
  --bad: light-dark(#b42318, #ff9a8f);
  --bad-paper: light-dark(#fde8e6, #47201c);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3rem 1.5rem 4rem; max-width: 76rem;
  background: var(--paper); color: var(--text);
  font: 1rem/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1, h2 { line-height: 1.15; letter-spacing: -0.02em; margin: 0; }
h1 { font-size: 3rem; }
h2 { font-size: 2rem; }
a { color: var(--accent); }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.brand { margin: 0; color: var(--accent); font-weight: 700; letter-spacing: 0.02em; }
.lead { max-width: 44rem; font-size: 1.15rem; color: var(--soft); margin: 0.75rem 0 1.25rem; }
.summary { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: center; color: var(--soft); }
.badge { display: inline-block; padding: 0.1em 0.7em; border-radius: 99px; font-size: 0.85rem; font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-paper); }
.bad { color: var(--bad); background: var(--bad-paper); }
nav ul { list-style: none; padding: 0; margin: 1.5rem 0 0; display: grid; gap: 0.4rem; }
section { margin-top: 3.5rem; padding-top: 3rem; border-top: 1px solid var(--line); }
.byline { color: var(--soft); margin: 0.35rem 0 1.25rem; }
.prose { max-width: 46rem; }
.prose p { margin: 0.8rem 0; }
.formula { margin: 0.4rem 0; padding: 0.8rem 0; font-size: 1.1rem; overflow-x: auto; }
.formula math { display: math; }
.subject { font-weight: 600; margin: 1.75rem 0 1rem; }
.failure { padding: 1rem 1.25rem; border-radius: 0.5rem; color: var(--bad); background: var(--bad-paper); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.25rem; }
.figures > figure { margin: 0; padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.figures > .wide { grid-column: 1 / -1; }
.plot figure { margin: 0; }
.plot figure > div { font-size: 0.85rem; }
.plot svg { display: block; max-width: 100%; height: auto; }
.plot > svg, .plot figure > svg { width: 100%; }
figcaption { margin-top: 0.9rem; font-size: 0.92rem; color: var(--soft); }
figcaption strong { color: var(--text); }
.scroll { overflow-x: auto; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
caption { text-align: left; font-weight: 600; font-size: 1.05rem; padding-bottom: 0.5rem; }
th, td { padding: 0.45rem 0.75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 500; border-bottom-width: 2px; white-space: nowrap; }
tbody th { font-weight: 500; min-width: 16rem; }
td.number { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.85rem; font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; line-height: 1.75; }
thead th:not(:first-child), td.verdict { text-align: right; }
.listings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); column-gap: 2.5rem; }
small { display: block; color: var(--soft); font-weight: 400; }
tr.missed { background: var(--bad-paper); }
footer p { margin: 0.25rem 0; }
footer { margin-top: 4rem; padding-top: 1.5rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.9rem; }
@media print { body { max-width: none; padding: 0; } section { break-before: page; } }
`;
