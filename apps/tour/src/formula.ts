import katex from 'katex';

/** A displayed TeX formula as MathML, which browsers draw without a style sheet or fonts. */
export function formulaMarkup(tex: string): string {
  return katex.renderToString(tex, { displayMode: true, output: 'mathml', throwOnError: true });
}
