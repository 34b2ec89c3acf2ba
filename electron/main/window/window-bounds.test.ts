import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isReachable, readBounds, writeBounds } from './window-bounds.js';

const bounds = { x: 100, y: 50, width: 1280, height: 800, maximized: false };
const screen = { x: 0, y: 0, width: 1920, height: 1080 };

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-bounds-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('window bounds', () => {
  it('come back as they were saved', async () => {
    const path = join(folder, 'window.json');
    await writeBounds(path, bounds);
    expect(readBounds(path)).toEqual(bounds);
  });

  it('are ignored when the file is absent or broken', async () => {
    const path = join(folder, 'window.json');
    expect(readBounds(path)).toBeNull();
    await writeFile(path, '{"x": "left"}');
    expect(readBounds(path)).toBeNull();
  });

  it('are reachable only where a screen is', () => {
    expect(isReachable(bounds, [screen])).toBe(true);
    expect(isReachable({ ...bounds, x: 1900 }, [screen])).toBe(false);
    expect(isReachable({ ...bounds, x: -1250 }, [screen])).toBe(false);
    expect(isReachable({ ...bounds, x: 2000 }, [screen, { ...screen, x: 1920 }])).toBe(true);
    expect(isReachable(bounds, [])).toBe(false);
  });
});
