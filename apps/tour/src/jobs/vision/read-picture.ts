import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Tensor, tensor } from '@grad/core';
import { FormatError, readPng } from '@grad/data';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';

/** How the network wants a picture. */
export interface Frame {
  readonly height: number;
  readonly width: number;
  /** The larger side of the ink, as a share of the side of an image. */
  readonly inkSize: number;
}

/** A picture of one character, ready for the network. */
export interface Picture {
  readonly name: string;
  /** `[1, 1, height, width]`, ink = 1. */
  readonly image: Tensor;
}

/**
 * A PNG with one character on an even ground, dark on light or light on dark, in the way of MNIST: the ink is cut
 * out, made as large as that of the images learned from, and put with its center of mass in the middle.
 *
 * @throws UserError when the file is no PNG, or has nothing in it.
 */
export async function readPicture(
  path: string,
  frame: Frame,
  { folder, signal }: Pick<JobContext, 'folder' | 'signal'>,
): Promise<Picture> {
  const bytes = await readFile(resolve(folder, path), { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path} cannot be read: ${reason}`);
  });
  const picture = await readPng(bytes, { name: path }).catch((error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    throw new UserError(`${error.message} Give a PNG.`);
  });
  const ink = inkOf(picture);
  const box = boxOf(ink);
  if (!box) {
    throw new UserError(
      `${path} has no ink: all of its pixels are about as light as its border. Give one digit on an even ground.`,
    );
  }
  return { name: basename(path), image: framed(ink, box, frame) };
}

/** How much ink is at each pixel, 0 to 1. */
interface Ink {
  readonly rows: number;
  readonly columns: number;
  at(row: number, column: number): number;
}

/** Difference from the ground, which is what the border of the picture is like; opacity counts, on white. */
function inkOf(picture: Tensor): Ink {
  const [rows = 0, columns = 0, channels = 1] = picture.shape;
  const values = picture.dataSync();
  const isColor = channels >= 3;
  const light = Float64Array.from({ length: rows * columns }, (_, pixel) => {
    const of = (c: number): number => Number(values[pixel * channels + c] ?? 0);
    const grey = isColor ? 0.299 * of(0) + 0.587 * of(1) + 0.114 * of(2) : of(0);
    return channels % 2 === 0 ? 1 - (1 - grey) * of(channels - 1) : grey;
  });
  const border = [...light]
    .filter((_, pixel) => {
      const [row, column] = [Math.floor(pixel / columns), pixel % columns];
      return row === 0 || column === 0 || row === rows - 1 || column === columns - 1;
    })
    .sort((a, b) => a - b);
  const ground = border[border.length >> 1] ?? 0;
  const most = light.reduce((max, value) => Math.max(max, Math.abs(value - ground)), 0);
  const scale = most < 0.1 ? 0 : 1 / most;
  return {
    rows,
    columns,
    at: (row, column) => {
      const value = light[row * columns + column];
      const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
      return isInside && value !== undefined ? Math.abs(value - ground) * scale : 0;
    },
  };
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The least box around what is clearly ink. */
function boxOf({ rows, columns, at }: Ink): Box | undefined {
  let [top, left, bottom, right] = [rows, columns, -1, -1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (at(row, column) < 0.25) continue;
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
  }
  return bottom < 0 ? undefined : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** The ink of the box, scaled, with its center of mass in the middle. */
function framed(ink: Ink, box: Box, { height, width, inkSize }: Frame): Tensor {
  // Pixels of the picture for one of the frame.
  const zoom = Math.max(box.height / (inkSize * height), box.width / (inkSize * width));
  let [mass, down, across] = [0, 0, 0];
  for (let row = box.top; row < box.top + box.height; row++) {
    for (let column = box.left; column < box.left + box.width; column++) {
      const here = ink.at(row, column);
      mass += here;
      down += here * (row + 0.5);
      across += here * (column + 0.5);
    }
  }
  const [middle, center] = [down / mass, across / mass];
  // The mean over each pixel of the frame, from points about as dense as the pixels of the picture.
  const points = Math.max(1, Math.ceil(zoom)) + 2;
  const pixels = new Float32Array(height * width);
  for (let i = 0; i < pixels.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    let sum = 0;
    for (let k = 0; k < points * points; k++) {
      const y = middle + (row + (Math.floor(k / points) + 0.5) / points - height / 2) * zoom;
      const x = center + (column + ((k % points) + 0.5) / points - width / 2) * zoom;
      sum += between(ink, y - 0.5, x - 0.5);
    }
    pixels[i] = Math.min(1, sum / (points * points));
  }
  return tensor(pixels).reshape([1, 1, height, width]);
}

/** Linear interpolation between pixels. */
function between({ at }: Ink, y: number, x: number): number {
  const [row, column] = [Math.floor(y), Math.floor(x)];
  const [v, u] = [y - row, x - column];
  return (
    (1 - v) * ((1 - u) * at(row, column) + u * at(row, column + 1)) +
    v * ((1 - u) * at(row + 1, column) + u * at(row + 1, column + 1))
  );
}
