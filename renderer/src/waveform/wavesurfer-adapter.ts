import WaveSurfer from 'wavesurfer.js';
import type { Tile } from './draw-wave.js';

/** Draws one tile; called whenever it comes into view. */
export type DrawTile = (context: CanvasRenderingContext2D, tile: Tile) => void;

/** A waveform on screen, drawn in tiles as they come into view. */
export interface WaveLane {
  /** Draws everything in view at a scale. */
  show(pixelsPerSecond: number, draw: DrawTile): void;
  /** @param px  left edge of the screen in the whole drawing */
  scrollTo(px: number): void;
  /** Takes it off the page. */
  destroy(): void;
}

/** What a waveform needs. */
export interface WaveLaneOptions {
  readonly container: HTMLElement;
  readonly durationSeconds: number;
  readonly heightPx: number;
  /** told when {@link WaveLane.show} may be called */
  readonly onReady: () => void;
}

/**
 * Wavesurfer as a virtualised canvas: it keeps tiles for what is in view and no more, scrolls and scales. It plays nothing, loads nothing
 * and has no say over time: its media element stays empty, and the only peaks it is given are a placeholder, because every tile
 * is drawn by `show` from our own pyramid of peaks.
 */
export function createWaveLane(options: WaveLaneOptions): WaveLane {
  let drawTile: DrawTile | null = null;
  const wave = WaveSurfer.create({
    container: options.container,
    height: options.heightPx,
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
      drawTile?.(context, tileOf(context.canvas));
    },
  });
  const endReady = wave.on('ready', options.onReady);
  return {
    show(pixelsPerSecond, draw) {
      drawTile = draw;
      wave.zoom(pixelsPerSecond);
    },
    scrollTo(px) {
      wave.setScroll(px);
      // The browser tells of the scroll with the next picture; without this, one picture would be empty.
      wave.getWrapper().parentElement?.dispatchEvent(new Event('scroll'));
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
