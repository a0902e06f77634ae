import { reverseComplement } from './dna.ts';

/** A stretch of bases, counted from 1, both ends included. */
export interface LocationPart {
  readonly start: number;
  readonly end: number;
  /** On the other strand. */
  readonly complement: boolean;
  /** It begins before `start` (`<`), nobody knows where. */
  readonly openStart?: true;
  /** It ends after `end` (`>`). */
  readonly openEnd?: true;
  /** A site between two bases that are neighbors (`5^6`), with no base of its own. */
  readonly between?: true;
  /** The record it lies in, when that is another one. */
  readonly remote?: string;
}

/** Where a feature lies: its parts in the order of reading. */
export interface GenbankLocation {
  readonly operator: 'single' | 'join' | 'order';
  readonly parts: readonly LocationPart[];
  /** Whether an end is open (`<` or `>`). */
  readonly partial: boolean;
}

function splitCommas(text: string): string[] {
  const made: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    depth += c === '(' ? 1 : c === ')' ? -1 : 0;
    if (c === ',' && depth === 0) {
      made.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...made, text.slice(from)];
}

/**
 * Reads a location of a feature table of INSDC: `join(1..9,complement(20..30),AL121804.2:41..610)`.
 *
 * @throws RangeError when the text is no location.
 */
export function parseLocation(text: string): GenbankLocation {
  const inner = /^(join|order|complement)\((.*)\)$/.exec(text);
  if (inner !== null) {
    const [, operator, body = ''] = inner;
    if (operator === 'complement') {
      const made = parseLocation(body);
      const parts = made.parts.map((part) => ({ ...part, complement: !part.complement })).reverse();
      return { ...made, parts };
    }
    const made = splitCommas(body).map(parseLocation);
    return {
      operator: operator === 'order' ? 'order' : 'join',
      parts: made.flatMap(({ parts }) => parts),
      partial: made.some(({ partial }) => partial),
    };
  }
  const simple = /^(?:([A-Za-z0-9_.]+):)?([<>]?)(\d+)(?:(\.\.|\^)([<>]?)(\d+))?$/.exec(text);
  if (simple === null) {
    throw new RangeError(`parseLocation: ${JSON.stringify(text)} is no location.`);
  }
  const [, remote, left = '', first = '', mark, right = '', last = first] = simple;
  const start = Number(first);
  const end = Number(last);
  if (start < 1 || end < start) {
    throw new RangeError(
      `parseLocation: ${text} must count from 1 and must not end before it starts.`,
    );
  }
  const part = {
    start,
    end,
    complement: false,
    ...(left === '<' ? ({ openStart: true } as const) : {}),
    ...(right === '>' || left === '>' ? ({ openEnd: true } as const) : {}),
    ...(mark === '^' ? ({ between: true } as const) : {}),
    ...(remote === undefined ? {} : { remote }),
  };
  return { operator: 'single', parts: [part], partial: left !== '' || right !== '' };
}

/**
 * The bases of a location, joined in the order of reading.
 *
 * @throws RangeError when a part lies in another record, or past the end of the sequence.
 */
export function extractLocation(sequence: string, location: GenbankLocation): string {
  return location.parts
    .map(({ start, end, complement, between, remote }) => {
      if (remote !== undefined) {
        throw new RangeError(
          `extractLocation: ${remote}:${start}..${end} lies in another record; read ${remote} to join it.`,
        );
      }
      if (end > sequence.length) {
        throw new RangeError(
          `extractLocation: ${start}..${end} ends past the ${sequence.length} bases of the sequence.`,
        );
      }
      if (between) {
        return '';
      }
      const bases = sequence.slice(start - 1, end);
      return complement ? reverseComplement(bases) : bases;
    })
    .join('');
}
