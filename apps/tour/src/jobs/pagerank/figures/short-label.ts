const most = 16;

/** A page's name as far as a figure has room for it. */
export function shortLabel(label: string): string {
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}
