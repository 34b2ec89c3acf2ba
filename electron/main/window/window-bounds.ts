import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  maximized: z.boolean(),
});

/** Where the window was last, in screen points. */
export type WindowBounds = z.infer<typeof boundsSchema>;

/** A rectangle of screen, in points. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Smallest part of the window that must be visible for it to be found and moved. */
const minVisiblePoints = 100;

/** @returns the bounds saved in `path`; null when there are none that can be used */
export function readBounds(path: string): WindowBounds | null {
  try {
    return boundsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // A place for the window is not worth a message; the default one is as good.
    return null;
  }
}

/** Saves bounds, whole or not at all. */
export async function writeBounds(path: string, bounds: WindowBounds): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(bounds)}\n`);
}

/** @returns whether enough of `bounds` lies on one of the screens: a second screen may be gone by now */
export function isReachable(bounds: Area, screens: readonly Area[]): boolean {
  return screens.some((screen) => {
    const width = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
    const height =
      Math.min(bounds.y + bounds.height, screen.y + screen.height) - Math.max(bounds.y, screen.y);
    return width >= minVisiblePoints && height >= minVisiblePoints;
  });
}
