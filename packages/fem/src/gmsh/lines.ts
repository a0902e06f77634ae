import { MeshFileError } from './mesh-file-error.ts';

/** Reads the lines of a text one after the other, and knows where it is. */
export class Lines {
  readonly #lines: readonly string[];
  readonly #file: string;
  #next = 0;

  constructor(text: string, file: string) {
    this.#lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
    this.#file = file;
  }

  /** Number of the line that was read last. */
  get number(): number {
    return this.#next;
  }

  /** The next line that is not blank; undefined at the end. */
  peek(): string | undefined {
    while (this.#lines[this.#next]?.trim() === '') this.#next++;
    return this.#lines[this.#next]?.trim();
  }

  /** The next line that is not blank. */
  text(expected: string): string {
    const line = this.peek();
    if (line === undefined) this.fail(`the file ends where ${expected} should be.`);
    this.#next++;
    return line;
  }

  /** The numbers of the next line. */
  numbers(expected: string, least: number): number[] {
    const line = this.text(expected);
    const words = line.split(/\s+/);
    const numbers = words.map(Number);
    const wrong = numbers.findIndex((x) => !Number.isFinite(x));
    if (wrong >= 0) this.fail(`expected ${expected}, found '${words[wrong]}' among the numbers.`);
    if (numbers.length < least) {
      this.fail(`expected ${expected}, at least ${least} numbers; found ${numbers.length}.`);
    }
    return numbers;
  }

  /** The numbers of the next line, whole and not negative. */
  counts(expected: string, least: number): number[] {
    const numbers = this.numbers(expected, least);
    const wrong = numbers.find((x) => !Number.isInteger(x) || x < 0);
    if (wrong !== undefined) this.fail(`expected ${expected}, whole numbers; found ${wrong}.`);
    return numbers;
  }

  /** Refuses another line than a mark such as `$EndNodes`. */
  mark(wanted: string): void {
    const line = this.text(wanted);
    if (line !== wanted) this.fail(`expected ${wanted}, found '${line.slice(0, 40)}'.`);
  }

  fail(message: string): never {
    throw new MeshFileError(this.#file, Math.max(1, this.#next), message);
  }
}
