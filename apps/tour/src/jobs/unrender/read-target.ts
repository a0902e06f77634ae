import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { concatenate, type Tensor } from '@grad/core';
import { FormatError, readPng } from '@grad/data';
import { type Mesh, ObjError, readObj } from '@grad/render';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';
import { reduced } from './recover.ts';

/** Where paths begin, and what stops reading. */
type FileContext = Pick<JobContext, 'folder' | 'signal'>;

/**
 * The middle square of a PNG file as a picture of `size` by `size`.
 *
 * @throws UserError when it cannot be read or has fewer pixels.
 */
export async function readTarget(
  path: string,
  size: number,
  context: FileContext,
): Promise<Tensor> {
  const bytes = await bytesOf(path, context);
  const image = await readPng(bytes, { channels: 3, name: path }).catch((error: unknown) => {
    if (error instanceof FormatError) throw new UserError(error.message);
    throw error;
  });
  const [height = 0, width = 0] = image.shape;
  const factor = Math.floor(Math.min(height, width) / size);
  if (factor < 1) {
    throw new UserError(
      `${path} has ${width} by ${height} pixels; at least ${size} by ${size} are needed.`,
    );
  }
  const side = factor * size;
  const from = (extent: number): [number, number] => {
    const first = Math.floor((extent - side) / 2);
    return [first, first + side];
  };
  return reduced(image.at(from(height), from(width)).astype('float64'), factor);
}

/** The mean color of the rim of a picture. */
export function rimColor(image: Tensor): Tensor {
  const [height = 0, width = 0] = image.shape;
  const rim = [image.at(0), image.at(height - 1), image.at(null, 0), image.at(null, width - 1)];
  return concatenate(rim).mean({ axis: 0 });
}

/**
 * The surface of an OBJ file, moved to the origin and scaled to a radius of 1.
 *
 * @throws UserError when it cannot be read or is wrong.
 */
export async function readThing(
  path: string,
  context: FileContext,
): Promise<{ name: string; mesh: Mesh }> {
  const text = new TextDecoder().decode(await bytesOf(path, context));
  try {
    const mesh = readObj(text, { name: path });
    const { vertices } = mesh;
    const middle = vertices
      .max({ axis: 0 })
      .add(vertices.min({ axis: 0 }))
      .div(2);
    const centered = vertices.sub(middle);
    const radius = centered.square().sum({ axis: 1 }).max().sqrt();
    return { name: basename(path), mesh: { ...mesh, vertices: centered.div(radius) } };
  } catch (error) {
    if (error instanceof ObjError) throw new UserError(error.message);
    throw error;
  }
}

async function bytesOf(path: string, { folder, signal }: FileContext): Promise<Uint8Array> {
  return readFile(resolve(folder, path), { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path} cannot be read: ${reason}`);
  });
}
