/** A mesh file that cannot be read. The message says on which line, and what to do. */
export class MeshFileError extends Error {
  override readonly name = 'MeshFileError';
  /** Line of the file, from 1 on. */
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
    this.line = line;
  }
}
