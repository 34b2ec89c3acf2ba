import type { AudioOutput } from '../player/audio-output.js';
import type { ControlBlock } from '../player/control-block.js';
import { loudnessMatch } from '../player/loudness-match.js';
import type { LoudnessMatch } from '../player/loudness-match.js';
import { meterFall, meterFloorDb, volumeGain } from '../player/output-level.js';
import type { FrameRange, PlayOrder } from '../player/play-order.js';
import type { LiveState } from './live.svelte.js';
import { isPreviewed, sameRendering } from './loaded.js';
import type { Loaded, RenderedSide, Rendering, Side } from './loaded.js';
import type { MessagesState } from './messages.svelte.js';
import type { SettingsState } from './settings.svelte.js';

const shuttleSpeeds = [1, 2, 4, 8] as const;

/** Transport of the recording shown: one position for raw and result, in sample frames. Sound devices are opened by the first play. */
export class PlayerState {
  readonly #output: AudioOutput;
  readonly #settings: SettingsState;
  readonly #messages: MessagesState;
  readonly #live: LiveState;
  #loaded = $state.raw<Loaded | null>(null);
  #position = $state.raw(0);
  #playing = $state.raw(false);
  #side = $state.raw<Side>('raw');
  /** heard against raw when the versions are toggled */
  #other: Side = 'result';
  /** the rendered version that lies beside raw in the ring */
  #copy = $state.raw<RenderedSide>('result');
  #loop = $state.raw(false);
  #selection = $state.raw<FrameRange | null>(null);
  #shuttle = $state.raw(1);
  #meterDb = $state.raw<readonly [number, number]>([meterFloorDb, meterFloorDb]);
  #control: ControlBlock | null = null;
  #epoch = 0;
  #opening: Promise<void> = Promise.resolve();
  #frameRequest: number | null = null;
  /** latest position per recording, so that coming back to one goes on where it was */
  readonly #positions = new Map<string, number>();

  readonly #match = $derived.by((): LoudnessMatch | null => {
    const { loudness, renderedStrength } = this.rendering ?? { loudness: null, renderedStrength: null };
    if (!loudness) return null;
    const heardStrength = renderedStrength === null ? 1 : this.#heardStrength;
    return loudnessMatch(loudness, renderedStrength ?? 1, heardStrength);
  });

  /** @param output  owned from now on; closed by {@link close} */
  constructor(output: AudioOutput, settings: SettingsState, messages: MessagesState, live: LiveState) {
    this.#live = live;
    this.#output = output;
    this.#settings = settings;
    this.#messages = messages;
  }

  /** The recording heard, null for none. */
  get loaded(): Loaded | null {
    return this.#loaded;
  }

  /** Next sample frame to be heard. */
  get position(): number {
    return this.#position;
  }

  /** Whether it plays, or is about to. */
  get playing(): boolean {
    return this.#playing;
  }

  /** The version heard; raw as long as there is no other, live is off, or the position is not in what was rendered. */
  get side(): Side {
    const side = this.#side;
    if (!this.canHear(side)) return 'raw';
    return side === 'preview' && !isPreviewed(this.#loaded, this.#position) ? 'raw' : side;
  }

  /** Whether a version is there to be heard. */
  canHear(side: Side): boolean {
    if (side === 'raw') return true;
    return side === 'live' ? this.#live.on : (this.#loaded?.[side] ?? null) !== null;
  }

  /** Whether there is anything to compare raw with. */
  get hasOther(): boolean {
    return (['result', 'preview', 'live'] as const).some((side) => this.canHear(side));
  }

  /** Which of them {@link rendering} is. */
  get renderedSide(): RenderedSide {
    return this.#copy;
  }

  /** What is compared with raw: the rendered version heard last; null while it is not there. */
  get rendering(): Rendering | null {
    return this.#loaded?.[this.#copy] ?? null;
  }

  /** Whether the selection (or all, without one) is repeated. */
  get loop(): boolean {
    return this.#loop;
  }

  /** Selected stretch, null for none. */
  get selection(): FrameRange | null {
    return this.#selection;
  }

  /** 1 is normal; 2, 4, 8 fast; negative backward. */
  get shuttleSpeed(): number {
    return this.#shuttle;
  }

  /** Peak level per ear, dB of full scale, falling slowly. */
  get meterDb(): readonly [left: number, right: number] {
    return this.#meterDb;
  }

  /** Loudness of the result against raw at the strength heard; null when it is not known. */
  get match(): LoudnessMatch | null {
    return this.#match;
  }

  /** Shows another recording, or the same one newly rendered. The position of each recording is kept. */
  load(loaded: Loaded | null): void {
    const before = this.rendering;
    const same = this.#loaded?.fileId === loaded?.fileId;
    if (!loaded?.preview) this.#copy = 'result';
    if (same) {
      this.#loaded = loaded;
      this.#keepSide();
      if (this.#control && !sameRendering(before, this.rendering)) void this.#reopen();
      return;
    }
    this.#syncPosition();
    if (this.#loaded) this.#positions.set(this.#loaded.fileId, this.#position);
    this.#setPlay(false);
    this.#control?.dispose();
    this.#control = null;
    this.#shuttle = 1;
    this.#selection = null;
    this.#loaded = loaded;
    this.#keepSide();
    this.#position = loaded ? Math.min(this.#positions.get(loaded.fileId) ?? 0, loaded.length) : 0;
  }

  /** Plays, or stops where it is. */
  async toggle(): Promise<void> {
    if (this.#playing) this.stop();
    else await this.play();
  }

  /** Plays from the position; from the beginning when it stands at the end. */
  async play(shuttle = 1): Promise<void> {
    if (!this.#loaded || this.#loaded.length === 0) return;
    this.#shuttle = shuttle;
    this.#position = this.#startFor(this.#position);
    this.#playing = true;
    if (this.#control) {
      this.#follow(this.#position);
      this.#setPlay(true);
    } else {
      await this.#reopen();
    }
  }

  /** Stops where it is. */
  stop(): void {
    this.#syncPosition();
    this.#setPlay(false);
    this.#shuttle = 1;
  }

  /** @param frame  clamped to the recording */
  seek(frame: number): void {
    if (!this.#loaded) return;
    this.#position = Math.round(Math.min(this.#loaded.length, Math.max(0, frame)));
    if (this.#control) this.#follow(this.#position);
  }

  /** Moves the position. */
  seekBy(seconds: number): void {
    if (!this.#loaded) return;
    this.#syncPosition();
    this.seek(this.#position + seconds * this.#loaded.sampleRateHz);
  }

  /** J and L: each press in the same direction doubles the speed, the other direction begins at normal speed. */
  async shuttle(direction: 1 | -1): Promise<void> {
    this.#syncPosition();
    const running = this.#playing && Math.sign(this.#shuttle) === direction;
    const index = running ? shuttleSpeeds.findIndex((speed) => speed === Math.abs(this.#shuttle)) + 1 : 0;
    await this.play(direction * (shuttleSpeeds[Math.min(index, shuttleSpeeds.length - 1)] ?? 1));
  }

  /** Switches what is heard, at the same sample frame; to a preview from outside of it, at its start. */
  setSide(side: Side): void {
    this.#side = side;
    if (side !== 'raw') this.#other = side;
    if (side === 'preview') this.#enterPreview();
    if ((side === 'result' || side === 'preview') && side !== this.#copy && this.canHear(side)) {
      this.#copy = side;
      if (this.#control) void this.#reopen();
    }
    this.#pushLevels();
  }

  /** Switches between raw and the other version heard last; nothing happens while there is none. */
  toggleSide(): void {
    const other = ([this.#other, 'preview', 'result', 'live'] as const).find((side) => this.canHear(side));
    if (other) this.setSide(this.side === 'raw' ? other : 'raw');
  }

  /** Switches live monitoring, and to what is heard by it; off, raw is heard. Without a net it stays off. */
  setLive(on: boolean): void {
    if (!this.#live.switch(on)) return;
    if (this.#control) this.#control.liveSession = this.#live.session;
    // At rest the way begins anew, so that the net gets its run-up; playing, it begins with the past in the ring.
    if (on && this.#control && !this.#playing) this.#follow(this.#position);
    if (on) this.setSide('live');
    else if (this.#side === 'live') this.setSide('raw');
  }

  /** Repeats the selection, or all. */
  setLoop(on: boolean): void {
    this.#loop = on;
    this.#orderAgain();
  }

  /** @param range  in any direction; less than one frame means no selection */
  select(range: FrameRange | null): void {
    const length = this.#loaded?.length ?? 0;
    const clamp = (frame: number) => Math.round(Math.min(length, Math.max(0, frame)));
    const start = range ? clamp(Math.min(range.start, range.end)) : 0;
    const end = range ? clamp(Math.max(range.start, range.end)) : 0;
    this.#selection = end > start ? { start, end } : null;
    if (this.#loop) this.#orderAgain();
  }

  /** I and O: puts one end of the selection at the position. */
  selectEdge(edge: 'start' | 'end'): void {
    this.#syncPosition();
    const old = this.#selection ?? { start: 0, end: this.#loaded?.length ?? 0 };
    const range = { ...old, [edge]: this.#position };
    // A start behind the end begins a new selection that reaches to the end of the recording, and the other way round.
    if (range.start < range.end) this.select(range);
    else if (edge === 'start') this.select({ start: this.#position, end: this.#loaded?.length ?? 0 });
    else this.select({ start: 0, end: this.#position });
  }

  /** Takes position, end and meter over from the mixer. The window calls it once per picture. */
  tick(): void {
    const control = this.#control;
    if (!control) {
      this.#live.show('off', 0);
      return;
    }
    // It also ends by itself, when the net chosen cannot be had.
    if (control.liveSession !== this.#live.session) control.liveSession = this.#live.session;
    this.#pushLevels();
    this.#syncPosition();
    if (this.#playing && control.endedEpoch === this.#epoch) {
      this.#setPlay(false);
      this.#shuttle = 1;
    }
    this.#live.show(control.liveStatus, control.liveUsedShare);
    if (this.#live.status === 'overloaded') {
      this.setLive(false);
      this.#live.tellOverload();
    }
    const [left, right] = control.takeMeter();
    const [oldLeft, oldRight] = this.#meterDb;
    const meter = [meterFall(oldLeft, left), meterFall(oldRight, right)] as const;
    if (meter[0] !== oldLeft || meter[1] !== oldRight) this.#meterDb = meter;
  }

  /** Begins to follow the mixer with every picture. @returns function that ends it */
  start(): () => void {
    const next = () => {
      this.tick();
      this.#frameRequest = requestAnimationFrame(next);
    };
    next();
    return () => {
      if (this.#frameRequest !== null) cancelAnimationFrame(this.#frameRequest);
      this.#output.close();
    };
  }

  /** Told by the output when sound cannot go on. */
  fail(error: Error): void {
    this.#setPlay(false);
    this.#control = null;
    this.#messages.tellError(error);
  }

  get #heardStrength(): number {
    return this.#settings.enhanceOn ? this.#settings.enhanceStrength : 0;
  }

  /** The version chosen goes on being heard where it is there; where it is not, raw is. */
  #keepSide(): void {
    const side = this.#side;
    if (!this.canHear(side)) this.#side = 'raw';
    else if (side === 'result' || side === 'preview') this.#copy = side;
  }

  #enterPreview(): void {
    this.#syncPosition();
    const range = this.#loaded?.preview?.range;
    if (range && !isPreviewed(this.#loaded, this.#position)) this.seek(range.start);
  }

  #syncPosition(): void {
    const control = this.#control;
    if (control && this.#playing && control.adoptedEpoch === this.#epoch) this.#position = control.position;
  }

  #setPlay(on: boolean): void {
    this.#playing = on;
    if (this.#control) this.#control.play = on;
  }

  /** @returns where sound begins when play is pressed at `frame` */
  #startFor(frame: number): number {
    const length = this.#loaded?.length ?? 0;
    if (this.#shuttle < 0) return Math.max(0, Math.min(frame, length - 1));
    const loop = this.#loopRange();
    if (loop && (frame < loop.start || frame >= loop.end)) return loop.start;
    return frame >= length ? 0 : frame;
  }

  #loopRange(): FrameRange | null {
    return this.#loop && this.#loaded ? (this.#selection ?? { start: 0, end: this.#loaded.length }) : null;
  }

  #follow(frame: number): void {
    const loop = this.#loopRange();
    const order: PlayOrder = {
      startFrame: frame,
      direction: this.#shuttle < 0 ? -1 : 1,
      speed: Math.abs(this.#shuttle),
      loopStart: loop?.start ?? 0,
      loopEnd: loop?.end ?? 0,
    };
    this.#epoch = this.#control?.requestOrder(order) ?? 0;
  }

  #orderAgain(): void {
    this.#syncPosition();
    if (this.#control && this.#playing) this.#position = this.#startFor(this.#position);
    if (this.#control) this.#follow(this.#position);
  }

  /** Opens what is loaded at the position; opening runs one at a time, because it hands the device over. */
  async #reopen(): Promise<void> {
    this.#syncPosition();
    this.#control = null;
    this.#opening = this.#opening.then(() => this.#open());
    await this.#opening;
  }

  async #open(): Promise<void> {
    const { rendering } = this;
    const loaded = this.#loaded;
    if (!loaded || this.#control) return;
    try {
      const control = await this.#output.open({ ...loaded, rendering });
      // Another recording, or another rendering, may have been chosen while the device was being opened.
      if (this.#loaded?.fileId !== loaded.fileId || !sameRendering(this.rendering, rendering)) {
        control.dispose();
        if (this.#playing) await this.#open();
        return;
      }
      this.#control = control;
      control.liveSession = this.#live.session;
      this.#pushLevels();
      this.#follow(this.#position);
      control.play = this.#playing;
    } catch (error) {
      this.#playing = false;
      this.#messages.tellError(error);
    }
  }

  #pushLevels(): void {
    if (!this.#control) return;
    const rendered = this.rendering?.renderedStrength ?? 0;
    const match = this.#settings.loudnessMatch ? this.#match : null;
    this.#control.levels = {
      side: this.side === this.#copy ? 1 : 0,
      live: this.side === 'live' ? 1 : 0,
      liveStrength: this.#heardStrength,
      strengthRatio: rendered > 0 ? this.#heardStrength / rendered : 1,
      rawGain: match?.rawGain ?? 1,
      resultGain: match?.resultGain ?? 1,
      volume: volumeGain(this.#settings.volume),
    };
  }
}
