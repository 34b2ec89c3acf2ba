/** Chromium lays elements out up to about 33 million pixels; wider ones are cut off. */
const widestPx = 30_000_000;

const zoomStep = 2;

/**
 * Which part of the recording is on screen: one for both waveforms, the ruler, the selection and the playhead, so that they
 * can never disagree. Scrolling is in whole pixels, because that is what the browser scrolls by.
 */
export class Viewport {
  #widthPx = $state.raw(1);
  #durationSeconds = $state.raw(0);
  #sampleRateHz = $state.raw(48_000);
  /** null shows everything */
  #zoomed = $state.raw<number | null>(null);
  #scrollPx = $state.raw(0);
  #pointerPx = $state.raw<number | null>(null);

  readonly #fit = $derived(this.#durationSeconds > 0 ? this.#widthPx / this.#durationSeconds : 1);
  readonly #most = $derived(
    this.#durationSeconds > 0
      ? Math.max(this.#fit, Math.min(this.#sampleRateHz, widestPx / this.#durationSeconds))
      : 1,
  );
  readonly #pixelsPerSecond = $derived(
    this.#zoomed === null ? this.#fit : Math.min(this.#most, Math.max(this.#fit, this.#zoomed)),
  );

  /** Width on screen. */
  get widthPx(): number {
    return this.#widthPx;
  }

  /** Scale of everything that is drawn over time. */
  get pixelsPerSecond(): number {
    return this.#pixelsPerSecond;
  }

  /** Pixels to the left of the screen. */
  get scrollPx(): number {
    return Math.min(this.#scrollPx, this.#mostScrollPx);
  }

  /** Width of the whole recording at this scale. */
  get totalPx(): number {
    return Math.max(this.#widthPx, Math.ceil(this.#durationSeconds * this.#pixelsPerSecond));
  }

  /** Time under the pointer, in the recording; null while the pointer is elsewhere. */
  get pointedSeconds(): number | null {
    if (this.#pointerPx === null || this.#durationSeconds === 0) return null;
    return Math.min(this.#durationSeconds, Math.max(0, this.toSeconds(this.#pointerPx)));
  }

  /** Length of the recording. */
  get durationSeconds(): number {
    return this.#durationSeconds;
  }

  /** Whether less than everything is on screen. */
  get isZoomed(): boolean {
    return this.#pixelsPerSecond > this.#fit;
  }

  /** Begins with another recording, shown whole. */
  show(durationSeconds: number, sampleRateHz: number): void {
    this.#durationSeconds = durationSeconds;
    this.#sampleRateHz = sampleRateHz;
    this.#zoomed = null;
    this.#scrollPx = 0;
  }

  /** Takes the width of the place on screen over; the time at the left edge stays. */
  resize(widthPx: number): void {
    if (widthPx > 0) this.#widthPx = Math.floor(widthPx);
  }

  /** @param px  where the pointer is, from the left edge of the screen; null when it has left */
  point(px: number | null): void {
    this.#pointerPx = px;
  }

  /** @returns pixels from the left edge of the screen */
  toPx(seconds: number): number {
    return seconds * this.#pixelsPerSecond - this.scrollPx;
  }

  /** @param px  from the left edge of the screen @returns seconds, not clamped */
  toSeconds(px: number): number {
    return (px + this.scrollPx) / this.#pixelsPerSecond;
  }

  /** Makes the scale `factor` times larger while the time at `anchorPx` stays where it is. */
  zoomBy(factor: number, anchorPx = this.#widthPx / 2): void {
    const anchorSeconds = this.toSeconds(anchorPx);
    const next = Math.min(this.#most, this.#pixelsPerSecond * factor);
    this.#zoomed = next <= this.#fit * 1.0001 ? null : next;
    this.scrollTo(anchorSeconds * this.#pixelsPerSecond - anchorPx);
  }

  /** One step nearer, around `aroundSeconds`. */
  zoomIn(aroundSeconds: number): void {
    this.zoomBy(zoomStep, this.#anchor(aroundSeconds));
  }

  /** One step further away, around `aroundSeconds`. */
  zoomOut(aroundSeconds: number): void {
    this.zoomBy(1 / zoomStep, this.#anchor(aroundSeconds));
  }

  /** Shows everything. */
  zoomNormal(): void {
    this.#zoomed = null;
    this.#scrollPx = 0;
  }

  /** Shows a stretch with a little room beside it. */
  zoomTo(startSeconds: number, endSeconds: number): void {
    const length = endSeconds - startSeconds;
    if (length <= 0) return;
    const room = length * 0.04;
    this.#zoomed = this.#widthPx / (length + 2 * room);
    this.scrollTo((startSeconds - room) * this.#pixelsPerSecond);
  }

  /** @param px  left edge of the screen in the whole drawing; clamped */
  scrollTo(px: number): void {
    this.#scrollPx = Math.round(Math.min(this.#mostScrollPx, Math.max(0, px)));
  }

  /** Turns the page when the playhead leaves the screen. */
  follow(seconds: number): void {
    const px = this.toPx(seconds);
    if (px < 0 || px >= this.#widthPx) this.scrollTo(seconds * this.#pixelsPerSecond - this.#widthPx * 0.05);
  }

  get #mostScrollPx(): number {
    return this.totalPx - this.#widthPx;
  }

  #anchor(seconds: number): number {
    const px = this.toPx(seconds);
    return px >= 0 && px <= this.#widthPx ? px : this.#widthPx / 2;
  }
}
