import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { UserError } from './user-error.ts';

/** A file to write: its name inside the output folder and its content. */
export interface OutputFile {
  readonly name: string;
  readonly content: string;
}

/**
 * Writes files into a folder, which is made when missing. Each is written under a temporary name
 * and renamed when complete, so that an interrupted run leaves no half of a file.
 *
 * @throws UserError when the folder cannot be written to.
 */
export async function writeOutputs(folder: string, files: readonly OutputFile[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, content } of files) await writeFileAtomic(join(folder, name), content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot write to ${folder}: ${reason}. Run from a folder of your own.`);
  }
}
