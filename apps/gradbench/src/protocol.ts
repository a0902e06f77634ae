import { Input } from './input.ts';
import type { Eval, Prepare } from './task.ts';

interface Timing {
  readonly name: 'prepare' | 'evaluate';
  readonly nanoseconds: number;
}

/** A line that cannot be answered, because it does not say what it is an answer to. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/**
 * Answers one message of GradBench's protocol, as text without a line break. What goes wrong in an
 * evaluation is part of the answer.
 *
 * @throws ProtocolError when the line is not a JSON object with a number as its `id`.
 */
export function answer(line: string, evals: ReadonlyMap<string, Eval>): string {
  const message = parse(line);
  const id = idOf(message);
  try {
    return JSON.stringify({ id, ...respond(new Input(message, 'message'), evals) });
  } catch (error) {
    return JSON.stringify({ id, success: false, error: `${error}` });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ProtocolError(`a message is not JSON (${error}): ${line.slice(0, 200)}`);
  }
}

function idOf(message: unknown): number {
  if (typeof message === 'object' && message !== null && 'id' in message) {
    if (typeof message.id === 'number') return message.id;
  }
  throw new ProtocolError(`a message has no id: ${JSON.stringify(message).slice(0, 200)}`);
}

function respond(message: Input, evals: ReadonlyMap<string, Eval>): object {
  switch (message.at('kind').string()) {
    case 'start':
      return { tool: 'grad' };
    case 'define':
      moduleOf(message, evals);
      return { success: true };
    case 'evaluate':
      return evaluate(functionOf(message, evals), message.at('input'));
    default:
      return {};
  }
}

function moduleOf(message: Input, evals: ReadonlyMap<string, Eval>): Eval {
  const name = message.at('module').string();
  const found = evals.get(name);
  if (found) return found;
  throw new Error(`there is no module '${name}'; there are ${[...evals.keys()].join(', ')}.`);
}

function functionOf(message: Input, evals: ReadonlyMap<string, Eval>): Prepare {
  const module = moduleOf(message, evals);
  const name = message.at('function').string();
  const found = Object.hasOwn(module, name) ? module[name] : undefined;
  if (found) return found;
  const known = Object.keys(module).join(', ');
  throw new Error(
    `module '${message.at('module').string()}' has no function '${name}'; it has ${known}.`,
  );
}

/** Evaluates a function once, or as often and as long as the input asks. */
function evaluate(prepare: Prepare, input: Input): object {
  const runs = input.has('min_runs') ? input.at('min_runs').count(1) : 1;
  const seconds = input.has('min_seconds') ? input.at('min_seconds').number() : 0;
  const [task, preparation] = timed(() => prepare(input));
  const timings: Timing[] = [{ name: 'prepare', nanoseconds: preparation }];
  for (let run = 0, elapsed = 0; run < runs || elapsed < seconds * 1e9; run++) {
    const [, nanoseconds] = timed(task.run);
    timings.push({ name: 'evaluate', nanoseconds });
    elapsed += nanoseconds;
  }
  const output = task.output();
  checkFinite(output, 'output');
  return { success: true, output, timings };
}

function timed<T>(run: () => T): [result: T, nanoseconds: number] {
  const start = process.hrtime.bigint();
  const result = run();
  return [result, Number(process.hrtime.bigint() - start)];
}

/** JSON has no other numbers; `stringify` would write null for them. */
function checkFinite(value: unknown, path: string): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${path} is ${value}.`);
  } else if (Array.isArray(value)) {
    value.forEach((child, i) => {
      checkFinite(child, `${path}[${i}]`);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) checkFinite(child, `${path}.${key}`);
  }
}
