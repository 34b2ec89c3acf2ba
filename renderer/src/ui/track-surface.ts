/** What a track below the waveform is drawn on: the part in view, in device pixels. */
export interface TrackSurface {
  readonly context: CanvasRenderingContext2D;
  /** device pixels per CSS pixel */
  readonly scale: number;
  /** width in device pixels, a column of values each */
  readonly columns: number;
  /** time of the left edge */
  readonly startSeconds: number;
  readonly secondsPerColumn: number;
  /** @returns the value of a custom property such as `--line` where the track stands */
  readonly color: (name: string) => string;
  readonly fontFamily: string;
}
