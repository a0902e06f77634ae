import type { Progress } from '../../trace/executor.ts';
import type { CallPart, Part, Route } from './emit/route.ts';

/** The words of a call that was left. */
export interface Words {
  /** The point where it was left; 0 where it has not begun. */
  readonly point: number;
  /** The piece of a kernel where it was left, from 1; 0 outside kernels. */
  readonly piece: number;
  /** The iteration of that piece. */
  readonly iteration: number;
  /** Content of the counters. */
  readonly counters: Int32Array;
}

/** Progress of a call that was left, from the loops' counters and the estimated cost of its parts. */
export function progressOf(route: Route, words: Words): Progress {
  const steps = stepsOf(route, words.counters);
  return { fraction: isMeasured(route) ? fractionOf(route, words) : null, steps };
}

/** Iterations of the outermost loops. */
export function stepsOf({ parts }: Route, counters: Int32Array): number {
  return parts.reduce((sum, part) => {
    switch (part.kind) {
      case 'for':
      case 'while':
        return sum + (counters[part.counter] ?? 0);
      case 'once':
        return sum + stepsOf(part.body, counters);
      case 'if':
        return sum + stepsOf(part.then, counters) + stepsOf(part.else, counters);
      default:
        return sum;
    }
  }, 0);
}

function isMeasured({ parts }: Route): boolean {
  return parts.every((part) => {
    switch (part.kind) {
      case 'while':
        return false;
      case 'for':
        return part.loop.extent !== undefined;
      case 'once':
        return isMeasured(part.body);
      case 'if':
        return isMeasured(part.then) && isMeasured(part.else);
      default:
        return true;
    }
  });
}

function fractionOf({ parts, cost }: Route, words: Words): number {
  if (cost === 0) return 0;
  let done = 0;
  for (const part of parts) {
    if (part.end <= words.point) done += part.cost;
    else return (done + part.cost * insideOf(part, words)) / cost;
  }
  return 1;
}

/** Share of a part that is done, when the point is in it. */
function insideOf(part: Part, words: Words): number {
  if (part.from > words.point) return 0;
  switch (part.kind) {
    case 'for': {
      const [iteration = 0, extent = 1] = words.counters.subarray(part.counter);
      const inside = words.point > part.from ? fractionOf(part.body, words) : 0;
      return (iteration + inside) / extent;
    }
    case 'once':
      return fractionOf(part.body, words);
    case 'if': {
      const [first] = part.else.parts;
      return fractionOf(first && words.point >= first.from ? part.else : part.then, words);
    }
    case 'call':
      return insideCall(part, words);
    case 'plain':
    case 'while':
      return 0;
  }
}

function insideCall({ pieces }: CallPart, { piece, iteration }: Words): number {
  const total = pieces.reduce((sum, { cost }) => sum + cost, 0);
  if (piece === 0 || total === 0) return 0;
  const before = pieces.slice(0, piece - 1).reduce((sum, { cost }) => sum + cost, 0);
  const { cost = 0, extent = 1 } = pieces[piece - 1] ?? {};
  return (before + (cost * iteration) / extent) / total;
}
