import { describe, expect, it } from 'vitest';
import { Viewport } from './viewport.svelte.js';

function shown(durationSeconds: number, widthPx = 1000): Viewport {
  const viewport = new Viewport();
  viewport.resize(widthPx);
  viewport.show(durationSeconds, 48_000);
  return viewport;
}

describe('Viewport', () => {
  it('shows a recording whole at first', () => {
    const viewport = shown(20);
    expect(viewport.pixelsPerSecond).toBe(50);
    expect(viewport.isZoomed).toBe(false);
    expect(viewport.toPx(20)).toBe(1000);
  });

  it('keeps the time under the pointer in place while zooming', () => {
    const viewport = shown(20);
    for (const factor of [2, 3, 1.5, 0.7]) {
      const before = viewport.toSeconds(300);
      viewport.zoomBy(factor, 300);
      // Scrolling is in whole pixels.
      expect(Math.abs(viewport.toPx(before) - 300)).toBeLessThanOrEqual(1);
    }
  });

  it('knows the time under a pointer that rests while the recording scrolls, and none once it has left', () => {
    const viewport = shown(20);
    expect(viewport.pointedSeconds).toBeNull();
    viewport.point(100);
    expect(viewport.pointedSeconds).toBe(2);
    viewport.zoomTo(10, 15);
    const there = viewport.pointedSeconds ?? 0;
    viewport.scrollTo(viewport.scrollPx + 50);
    expect(viewport.pointedSeconds).toBeCloseTo(there + 50 / viewport.pixelsPerSecond);
    viewport.point(5000);
    expect(viewport.pointedSeconds).toBeLessThanOrEqual(20);
    viewport.point(null);
    expect(viewport.pointedSeconds).toBeNull();
  });

  it('never shows less than a pixel per sample frame or more than everything', () => {
    const viewport = shown(2);
    for (let i = 0; i < 40; i++) viewport.zoomIn(1);
    expect(viewport.pixelsPerSecond).toBe(48_000);
    for (let i = 0; i < 60; i++) viewport.zoomOut(1);
    expect(viewport.pixelsPerSecond).toBe(500);
    expect(viewport.scrollPx).toBe(0);
  });

  it('keeps two hours within what a browser can lay out', () => {
    const viewport = shown(7200);
    for (let i = 0; i < 40; i++) viewport.zoomIn(3600);
    expect(viewport.totalPx).toBeLessThan(33_000_000);
    expect(viewport.pixelsPerSecond).toBeGreaterThan(4000);
  });

  it('zooms to a selection with a little room beside it', () => {
    const viewport = shown(100);
    viewport.zoomTo(40, 50);
    expect(viewport.toPx(40)).toBeGreaterThan(0);
    expect(viewport.toPx(50)).toBeLessThan(1000);
    expect(viewport.toPx(50) - viewport.toPx(40)).toBeGreaterThan(900);
  });

  it('turns the page when the playhead leaves the screen, and not before', () => {
    const viewport = shown(100);
    viewport.zoomTo(10, 20);
    const before = viewport.scrollPx;
    viewport.follow(15);
    expect(viewport.scrollPx).toBe(before);
    viewport.follow(30);
    expect(viewport.toPx(30)).toBeGreaterThan(0);
    expect(viewport.toPx(30)).toBeLessThan(100);
  });

  it('stays inside of the recording when the window grows', () => {
    const viewport = shown(10);
    viewport.zoomTo(9, 10);
    viewport.resize(3000);
    expect(viewport.scrollPx + viewport.widthPx).toBeLessThanOrEqual(viewport.totalPx);
  });
});
