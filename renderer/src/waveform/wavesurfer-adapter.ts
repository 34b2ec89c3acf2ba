import WaveSurfer from 'wavesurfer.js';
import type { Tile } from './draw-wave.js';

/** A waveform on screen, drawn in tiles as they come into view. */
export interface WaveLane {
  /** @param pixelsPerSecond  scale; all tiles in view are drawn again */
  zoom(pixelsPerSecond: number): void;
  /** @param px  left edge of the screen in the whole drawing */
  scrollTo(px: number): void;
  /** Draws the tiles in view again. */
  redraw(): void;
  /** Takes it off the page. */
  destroy(): void;
}

/** What a waveform needs. */
export interface WaveLaneOptions {
  readonly container: HTMLElement;
  readonly durationSeconds: number;
  readonly pixelsPerSecond: number;
  readonly heightPx: number;
  /** draws one tile; called whenever it comes into view */
  readonly draw: (context: CanvasRenderingContext2D, tile: Tile) => void;
  /** told once the first tiles are there, so that the lane can be scrolled */
  readonly onReady: () => void;
}

/**
 * Wavesurfer as a virtualised canvas: it keeps tiles for what is in view and no more, scrolls and scales. It plays nothing, loads nothing
 * and has no say over time: `media` stays an empty element, and the only peaks it is given are a placeholder, because every tile
 * is drawn by `draw` from our own pyramid of peaks.
 */
export function createWaveLane(options: WaveLaneOptions): WaveLane {
  const wave = WaveSurfer.create({
    container: options.container,
    height: options.heightPx,
    minPxPerSec: options.pixelsPerSecond,
    duration: options.durationSeconds,
    peaks: [new Float32Array(2)],
    interact: false,
    dragToSeek: false,
    autoScroll: false,
    autoCenter: false,
    hideScrollbar: true,
    cursorWidth: 0,
    cspNonce: contentPolicyNonce(),
    renderFunction: (_placeholder, context) => {
      options.draw(context, tileOf(context.canvas));
    },
  });
  let ready = false;
  let pixelsPerSecond = options.pixelsPerSecond;
  const endReady = wave.on('ready', () => {
    ready = true;
    if (pixelsPerSecond !== options.pixelsPerSecond) wave.zoom(pixelsPerSecond);
    options.onReady();
  });
  return {
    zoom(next) {
      pixelsPerSecond = next;
      // Before it is ready wavesurfer refuses to zoom; the scale is then applied when it is.
      if (ready) wave.zoom(next);
    },
    scrollTo(px) {
      if (!ready) return;
      wave.setScroll(px);
      // The browser tells of the scroll with the next picture; without this, one picture would be empty.
      wave.getWrapper().parentElement?.dispatchEvent(new Event('scroll'));
    },
    redraw() {
      if (ready) wave.zoom(pixelsPerSecond);
    },
    destroy() {
      endReady();
      wave.destroy();
    },
  };
}

/** Wavesurfer says where a tile lies through the style of its canvas, before it asks for the drawing. */
function tileOf(canvas: HTMLCanvasElement): Tile {
  const widthPx = Number.parseFloat(canvas.style.width);
  return {
    leftPx: Number.parseFloat(canvas.style.left),
    widthPx,
    heightPx: Number.parseFloat(canvas.style.height),
    scale: canvas.width / widthPx,
  };
}

/** The content policy lets only style sheets with this mark in; wavesurfer puts one into its shadow root. */
function contentPolicyNonce(): string {
  const meta = document.querySelector('meta[name="csp-nonce"]');
  return meta?.getAttribute('content') ?? '';
}
