/** Values that are kept of one function. */
const most = 16;

/** A function that keeps what it has made of the last structures, which are plain numbers, strings and lists of them. */
export function memo<S, V extends object>(make: (structure: S) => V): (structure: S) => V {
  const known = new Map<string, V>();
  return (structure) => {
    const key = JSON.stringify(structure);
    const value = known.get(key) ?? make(structure);
    known.delete(key);
    known.set(key, value);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return value;
  };
}
