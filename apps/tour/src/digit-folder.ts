import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FormatError, type LabelledImages, readLabelledImages } from '@grad/data';
import { UserError } from './user-error.ts';

/** Handwritten digits to learn from and to be judged by. */
export interface DigitFolder {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/**
 * Reads a folder with the four IDX files of MNIST, gzipped or not, under their own names.
 *
 * @throws UserError naming the file that is missing or wrong.
 */
export async function readDigitFolder(
  path: string,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<DigitFolder> {
  const place = resolve(folder, path);
  const names = await readdir(place).catch(() => {
    throw new UserError(
      `Cannot read ${path}: there is no such folder. Give the folder of the IDX files.`,
    );
  });
  const read = async (prefix: string): Promise<LabelledImages> => {
    const [images, labels] = await Promise.all(
      [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`].map(async (base) => {
        const name = names.find((one) => one === base || one === `${base}.gz`);
        if (name === undefined) {
          throw new UserError(
            `${path} holds no file ${base} or ${base}.gz, as those of MNIST are called.`,
          );
        }
        return new File(
          [new Uint8Array(await readFile(join(place, name), { signal }))],
          join(path, name),
        );
      }),
    );
    if (!images || !labels) throw new Error('unreachable');
    return readLabelledImages({ images, labels }).catch((error: unknown) => {
      throw error instanceof FormatError ? new UserError(error.message) : error;
    });
  };
  return { train: await read('train'), test: await read('t10k') };
}
