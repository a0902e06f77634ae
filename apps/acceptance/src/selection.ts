import type { Area, Line } from './line.ts';

/** A line with its full name, `area/name`. */
export interface NamedLine {
  readonly id: string;
  readonly line: Line;
}

/**
 * The lines that `--only` names: areas, or single lines as `area/name`, between commas.
 *
 * @throws Error when a name is that of no area or line.
 */
export function selectLines(areas: readonly Area[], only: string | undefined): NamedLine[] {
  const all = areas.flatMap(({ name, lines }) =>
    lines.map((line) => ({ id: `${name}/${line.name}`, line })),
  );
  if (only === undefined) return all;
  const names = only.split(',').map((name) => name.trim());
  const chosen = (id: string, name: string): boolean => id === name || id.startsWith(`${name}/`);
  for (const name of names) {
    if (!all.some(({ id }) => chosen(id, name))) {
      const known = areas.map((area) => area.name).join(', ');
      throw new Error(
        `There is no area or line '${name}'. The areas are: ${known}; --list shows the lines.`,
      );
    }
  }
  return all.filter(({ id }) => names.some((name) => chosen(id, name)));
}
