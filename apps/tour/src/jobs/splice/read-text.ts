import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FormatError } from '@grad/data';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';

/**
 * Reads a text file and understands it.
 *
 * @throws UserError when it cannot be read, or `parse` throws a FormatError of it.
 */
export async function readText<T>(
  path: string,
  { folder, signal }: JobContext,
  parse: (text: string, name: string) => T,
): Promise<T> {
  const text = await readFile(resolve(folder, path), { encoding: 'utf8', signal }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`${path} cannot be read: ${reason}`);
    },
  );
  try {
    return parse(text, path);
  } catch (error) {
    if (error instanceof FormatError) throw new UserError(error.message);
    throw error;
  }
}
