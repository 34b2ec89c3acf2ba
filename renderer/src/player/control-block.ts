import type { PlayOrder } from './play-order.js';

/** Numbers of one sample frame in the ring: raw left, raw right, result left, result right. */
export const ringStride = 4;

const word = {
  /** written by the window */
  play: 0,
  requestEpoch: 1,
  requestStart: 2,
  requestDirection: 3,
  requestSpeed: 4,
  requestLoopStart: 5,
  requestLoopEnd: 6,
  disposed: 7,
  liveSession: 8,
  /** written by the mixer */
  adoptedEpoch: 16,
  adoptedStart: 17,
  adoptedDirection: 18,
  adoptedSpeed: 19,
  adoptedLoopStart: 20,
  adoptedLoopEnd: 21,
  readCount: 22,
  position: 23,
  endedEpoch: 24,
  underruns: 25,
  sounding: 26,
  adoptedRunUp: 27,
  liveStatus: 28,
  /** written by the feeder */
  filledEpoch: 32,
  filledCount: 33,
  feedEnded: 34,
} as const;

const level = {
  side: 0,
  strengthRatio: 1,
  rawGain: 2,
  resultGain: 3,
  volume: 4,
  meterLeft: 5,
  meterRight: 6,
  live: 7,
  liveStrength: 8,
  liveUsedShare: 9,
} as const;

const words = 48;
const levels = 16;

/** The levels that the window sets and the mixer glides to. */
export interface MixLevels {
  /** 0 raw, 1 result */
  readonly side: number;
  /** heard strength by rendered strength: what is heard as result is raw + ratio x (result - raw) */
  readonly strengthRatio: number;
  /** linear, for loudness matching */
  readonly rawGain: number;
  readonly resultGain: number;
  /** linear */
  readonly volume: number;
  /** 0 what `side` says, 1 the recording enhanced while it plays; heard only where it has been computed */
  readonly live: number;
  /** 0..1: live is raw + strength x (enhanced - raw) */
  readonly liveStrength: number;
}

/**
 * What live monitoring is doing: `preparing` the net takes in what lies before the position, `bypassed` backward or fast,
 * `overloaded` it took too much of the audio thread's time and waits to be switched on again.
 */
export const liveStatuses = ['off', 'preparing', 'ready', 'bypassed', 'overloaded'] as const;

/** One of {@link liveStatuses}. */
export type LiveStatus = (typeof liveStatuses)[number];

/** The memory that window, feeder and mixer share for one recording. Plain data: it is posted to a worker and to the worklet. */
export interface PlayerMemory {
  readonly control: SharedArrayBuffer | ArrayBuffer;
  readonly ring: SharedArrayBuffer | ArrayBuffer;
  /** sample frames that stay in the ring after they were heard */
  readonly keptFrames: number;
}

/**
 * @param ringFrames  sample frames of the ring; about two seconds more than are kept
 * @param keptFrames  sample frames that stay after they were heard, so that live monitoring can begin with a past
 * @returns zeroed memory, shared between threads
 */
export function createPlayerMemory(ringFrames: number, keptFrames = 0): PlayerMemory {
  return {
    keptFrames,
    control: new SharedArrayBuffer((words + levels) * 4),
    ring: new SharedArrayBuffer(ringFrames * ringStride * 4),
  };
}

/**
 * Names for the words that three threads share. Every word has one writer. An *epoch* is one way through the recording:
 * the window asks for one, the mixer adopts it when it has faded the old one out, the feeder fills the ring for it.
 */
export class ControlBlock {
  /** interleaved, [frames][{@link ringStride}]; slot = count of frames since the epoch began, modulo its length */
  readonly ring: Float32Array;
  readonly ringFrames: number;
  /** sample frames that stay in the ring after they were heard */
  readonly keptFrames: number;
  readonly #words: Uint32Array;
  readonly #levels: Float32Array;

  /** @param memory  from {@link createPlayerMemory}; not copied */
  constructor(memory: PlayerMemory) {
    this.#words = new Uint32Array(memory.control, 0, words);
    this.#levels = new Float32Array(memory.control, words * 4, levels);
    this.ring = new Float32Array(memory.ring);
    this.ringFrames = this.ring.length / ringStride;
    this.keptFrames = memory.keptFrames;
  }

  /** Whether the user wants sound. */
  get play(): boolean {
    return this.#load(word.play) === 1;
  }

  set play(on: boolean) {
    this.#store(word.play, on ? 1 : 0);
  }

  /** True once the recording was closed: feeder and mixer end. */
  get disposed(): boolean {
    return this.#load(word.disposed) === 1;
  }

  /** Tells feeder and mixer to end. */
  dispose(): void {
    this.#store(word.disposed, 1);
  }

  /** Asks for another way through the recording. @returns its epoch */
  requestOrder(order: PlayOrder): number {
    this.#storeOrder(word.requestStart, order);
    const epoch = this.requestEpoch + 1;
    this.#store(word.requestEpoch, epoch);
    return epoch;
  }

  /** Newest epoch asked for. */
  get requestEpoch(): number {
    return this.#load(word.requestEpoch);
  }

  /** The order asked for with {@link requestEpoch}. */
  get requestedOrder(): PlayOrder {
    return this.#loadOrder(word.requestStart);
  }

  /**
   * Mixer: from now on the ring belongs to `epoch`; its old content may be overwritten.
   * @param runUpFrames  sample frames before the order's start that are wanted in the ring though they are not heard
   */
  adopt(epoch: number, order: PlayOrder, runUpFrames = 0): void {
    this.#storeOrder(word.adoptedStart, order);
    this.#store(word.adoptedRunUp, runUpFrames);
    this.#store(word.readCount, runUpFrames);
    this.#store(word.adoptedEpoch, epoch);
  }

  /** Epoch the mixer plays. */
  get adoptedEpoch(): number {
    return this.#load(word.adoptedEpoch);
  }

  /** The order of {@link adoptedEpoch}. */
  get adoptedOrder(): PlayOrder {
    return this.#loadOrder(word.adoptedStart);
  }

  /** Sample frames before the start of {@link adoptedOrder} with which its epoch begins. */
  get adoptedRunUp(): number {
    return this.#load(word.adoptedRunUp);
  }

  /** Live monitoring: 0 off, else a number that grows each time the user switches it on. */
  get liveSession(): number {
    return this.#load(word.liveSession);
  }

  set liveSession(session: number) {
    this.#store(word.liveSession, session);
  }

  /** What the mixer does for {@link liveSession}; `off` until it has heard of it, so that an old overload is not taken for a new one. */
  get liveStatus(): LiveStatus {
    const stored = this.#load(word.liveStatus);
    const status = liveStatuses[stored % liveStatuses.length] ?? 'off';
    return Math.floor(stored / liveStatuses.length) === this.liveSession ? status : 'off';
  }

  /** Mixer: what it does for a session of live monitoring. */
  setLiveStatus(session: number, status: LiveStatus): void {
    this.#store(word.liveStatus, session * liveStatuses.length + liveStatuses.indexOf(status));
  }

  /** Share of the dense net's work that live monitoring takes at present, smoothed; a little above 1 where hardly any gate is closed. */
  get liveUsedShare(): number {
    return this.#level(level.liveUsedShare);
  }

  set liveUsedShare(share: number) {
    this.#levels[level.liveUsedShare] = share;
  }

  /** Sample frames that have passed through the ring since the epoch began, its run-up included. */
  get readCount(): number {
    return this.#load(word.readCount);
  }

  set readCount(count: number) {
    this.#store(word.readCount, count);
  }

  /** Next sample frame of the recording to be heard. */
  get position(): number {
    return this.#load(word.position);
  }

  set position(frame: number) {
    this.#store(word.position, frame);
  }

  /** Epoch in which the end was reached, 0 for none. */
  get endedEpoch(): number {
    return this.#load(word.endedEpoch);
  }

  set endedEpoch(epoch: number) {
    this.#store(word.endedEpoch, epoch);
  }

  /** How often the ring ran empty while it should have sounded. */
  get underruns(): number {
    return this.#load(word.underruns);
  }

  set underruns(count: number) {
    this.#store(word.underruns, count);
  }

  /** Whether the mixer gives sound at this moment, fades included. */
  get sounding(): boolean {
    return this.#load(word.sounding) === 1;
  }

  set sounding(on: boolean) {
    this.#store(word.sounding, on ? 1 : 0);
  }

  /** Feeder: begins to fill for an epoch. */
  beginFill(epoch: number): void {
    this.#store(word.filledCount, 0);
    this.#store(word.feedEnded, 0);
    this.#store(word.filledEpoch, epoch);
  }

  /** Feeder: `count` sample frames of its epoch are in the ring, all told. */
  setFilled(count: number, ended: boolean): void {
    this.#store(word.filledCount, count);
    if (ended) this.#store(word.feedEnded, 1);
  }

  /** @returns sample frames filled for `epoch` since it began; 0 while the feeder is still at an older one */
  filledFor(epoch: number): number {
    return this.#load(word.filledEpoch) === epoch ? this.#load(word.filledCount) : 0;
  }

  /** @returns true when nothing follows behind what is filled for `epoch` */
  feedEndedFor(epoch: number): boolean {
    return this.#load(word.filledEpoch) === epoch && this.#load(word.feedEnded) === 1;
  }

  /** The levels to glide to. */
  get levels(): MixLevels {
    return {
      side: this.#level(level.side),
      strengthRatio: this.#level(level.strengthRatio),
      rawGain: this.#level(level.rawGain),
      resultGain: this.#level(level.resultGain),
      volume: this.#level(level.volume),
      live: this.#level(level.live),
      liveStrength: this.#level(level.liveStrength),
    };
  }

  set levels(levels: MixLevels) {
    this.#levels[level.side] = levels.side;
    this.#levels[level.strengthRatio] = levels.strengthRatio;
    this.#levels[level.rawGain] = levels.rawGain;
    this.#levels[level.resultGain] = levels.resultGain;
    this.#levels[level.volume] = levels.volume;
    this.#levels[level.live] = levels.live;
    this.#levels[level.liveStrength] = levels.liveStrength;
  }

  /** Mixer: highest absolute sample since the window last looked. */
  raiseMeter(left: number, right: number): void {
    this.#levels[level.meterLeft] = Math.max(this.#level(level.meterLeft), left);
    this.#levels[level.meterRight] = Math.max(this.#level(level.meterRight), right);
  }

  /** @returns highest absolute sample per ear since the last call, linear */
  takeMeter(): readonly [left: number, right: number] {
    const peaks = [this.#level(level.meterLeft), this.#level(level.meterRight)] as const;
    this.#levels[level.meterLeft] = 0;
    this.#levels[level.meterRight] = 0;
    return peaks;
  }

  #level(index: number): number {
    return this.#levels[index] ?? 0;
  }

  #load(index: number): number {
    return Atomics.load(this.#words, index);
  }

  #store(index: number, value: number): void {
    Atomics.store(this.#words, index, value);
  }

  #storeOrder(first: number, order: PlayOrder): void {
    this.#store(first, order.startFrame);
    this.#store(first + 1, order.direction === 1 ? 1 : 0);
    this.#store(first + 2, order.speed);
    this.#store(first + 3, order.loopStart);
    this.#store(first + 4, order.loopEnd);
  }

  #loadOrder(first: number): PlayOrder {
    return {
      startFrame: this.#load(first),
      direction: this.#load(first + 1) === 1 ? 1 : -1,
      speed: Math.max(1, this.#load(first + 2)),
      loopStart: this.#load(first + 3),
      loopEnd: this.#load(first + 4),
    };
  }
}
