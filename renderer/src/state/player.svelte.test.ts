import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClient, fakeSettings } from '../api/client.fake.js';
import type { AudioOutput, Playable } from '../player/audio-output.js';
import { ControlBlock, createPlayerMemory } from '../player/control-block.js';
import { Feeder } from '../player/feeder.js';
import { volumeGain } from '../player/output-level.js';
import { LiveAhead } from '../player/live-ahead.js';
import { FakeNet } from '../player/live-net.fake.js';
import type { LiveNet } from '../player/mixer-options.js';
import { MixerCore } from '../player/mixer-core.js';
import { LiveState } from './live.svelte.js';
import { MessagesState } from './messages.svelte.js';
import type { Loaded, Rendering } from './loaded.js';
import { PlayerState } from './player.svelte.js';
import { SettingsState } from './settings.svelte.js';

const rate = 8000;
const length = 20_000;

/** The real mixer and feeder, run by hand in place of threads; what is heard lands in `heard`. */
class PumpedOutput implements AudioOutput {
  readonly heard: number[] = [];
  opened = 0;
  control: ControlBlock | null = null;
  refuses = false;
  /** how much later every second reading of the clock is: what one turn of the net takes */
  costMs = 0;
  #nowMs = 0;
  liveOnnx: Uint8Array | null = null;
  #mixer: MixerCore | null = null;
  #feeder: Feeder | null = null;

  async open(playable: Playable): Promise<ControlBlock> {
    if (this.refuses) throw new Error('no device');
    this.opened++;
    this.control = new ControlBlock(createPlayerMemory(8192 + 7000, 7000));
    const ahead = new LiveAhead(
      this.control,
      new FakeNet(128, 1),
      playable.sampleRateHz,
      () => (this.#nowMs += this.costMs),
    );
    this.#mixer = new MixerCore(this.control, playable.sampleRateHz, playable.length, ahead);
    this.#feeder = new Feeder(this.control, {
      channels: 1,
      length: playable.length,
      readRaw: async (start, frames) => Float32Array.from({ length: frames }, (_, i) => (start + i) / 65_536),
      readResult: playable.rendering === null ? null : async (_start, frames) => new Float32Array(frames),
    });
    return this.control;
  }

  useLiveWeights({ onnx }: LiveNet): void {
    this.liveOnnx = onnx;
  }

  close(): void {
    this.control = null;
  }

  async pump(frames: number): Promise<void> {
    const left = new Float32Array(128);
    const right = new Float32Array(128);
    for (let i = 0; i < frames; i += 128) {
      while (await this.#feeder?.step());
      this.#mixer?.process(left, right);
      this.heard.push(...left);
    }
  }
}

let output: PumpedOutput;
let player: PlayerState;
let messages: MessagesState;
let settings: SettingsState;
let live: LiveState;

const loaded = (more: Partial<Loaded> = {}): Loaded => ({
  fileId: 'a',
  sampleRateHz: rate,
  channels: 1,
  length,
  rawUrl: 'raw',
  result: null,
  preview: null,
  ...more,
});

const withResult = (more: Partial<Rendering> = {}): Loaded =>
  loaded({
    result: {
      url: 'result',
      range: { start: 0, end: length },
      version: 1,
      renderedStrength: 1,
      loudness: { rawLufs: -20, resultLufs: -26, method: 'gated' },
      ...more,
    },
  });

beforeEach(() => {
  output = new PumpedOutput();
  messages = new MessagesState();
  settings = new SettingsState(createFakeClient({ 'settings:save': async () => ({}) }), messages);
  settings.load({ ...fakeSettings, volume: 1 }, [], { path: '/out', exists: true });
  const client = createFakeClient({
    'live:weights': async ({ level }) => {
      if (level === 'gone') throw new Error('no such net');
      return { model: 'm', level, sha256: '', gates: true, onnx: Uint8Array.of(1, 2) };
    },
  });
  live = new LiveState(client, messages, (net) => {
    output.useLiveWeights(net);
  });
  player = new PlayerState(output, settings, messages, live);
});

afterEach(async () => {
  await settings.flush();
});

describe('PlayerState', () => {
  it('opens the sound device with the first play and not before', async () => {
    player.load(loaded());
    player.seek(100);
    expect(output.opened).toBe(0);
    await player.play();
    await player.toggle();
    await player.toggle();
    expect(output.opened).toBe(1);
  });

  it('plays from where it was put, and stops there', async () => {
    player.load(loaded());
    player.seek(5000);
    await player.play();
    await output.pump(1024);
    player.tick();
    expect(player.position).toBe(5000 + 1024 - 128);
    player.stop();
    expect(player.playing).toBe(false);
    await output.pump(512);
    expect(output.heard.at(-1)).toBe(0);
  });

  it('ends at the last sample frame and begins anew with the next play', async () => {
    player.load(loaded());
    player.seek(length - 1000);
    await player.play();
    await output.pump(2048);
    player.tick();
    expect(player.playing).toBe(false);
    expect(player.position).toBe(length);
    await player.play();
    expect(player.position).toBe(0);
  });

  it('stays on raw until there is a result, then switches without moving', async () => {
    player.load(loaded());
    player.setSide('result');
    expect(player.side).toBe('raw');
    player.load(withResult());
    expect(player.side).toBe('result');
    player.seek(1234);
    player.toggleSide();
    expect(player.side).toBe('raw');
    expect(player.position).toBe(1234);
  });

  it('goes on playing at the same place when a new result arrives', async () => {
    player.load(loaded());
    await player.play();
    await output.pump(1024);
    player.load(withResult());
    await Promise.resolve();
    await Promise.resolve();
    await output.pump(1024);
    player.tick();
    expect(output.opened).toBe(2);
    expect(player.playing).toBe(true);
    expect(player.position).toBe(896 + 896);
  });

  it('lowers the louder side by the measured difference, and neither when matching is off', async () => {
    player.load(withResult());
    await player.play();
    expect(output.control?.levels.rawGain).toBeCloseTo(10 ** (-6 / 20), 5);
    expect(output.control?.levels.resultGain).toBe(1);
    settings.setLoudnessMatch(false);
    player.tick();
    expect(output.control?.levels.rawGain).toBe(1);
  });

  it('hears the strength of the slider against the rendered one at once', async () => {
    player.load(withResult({ renderedStrength: 0.8 }));
    await player.play();
    settings.setEnhanceStrength(0.4);
    player.tick();
    expect(output.control?.levels.strengthRatio).toBeCloseTo(0.5, 6);
    settings.setEnhanceOn(false);
    player.tick();
    expect(output.control?.levels.strengthRatio).toBe(0);
  });

  it('leaves a disguised result as it was rendered, whatever the slider says', async () => {
    player.load(withResult({ renderedStrength: null }));
    await player.play();
    settings.setEnhanceStrength(0.4);
    player.tick();
    expect(output.control?.levels.strengthRatio).toBe(1);
    expect(player.match?.measured).toBe(true);
  });

  it('repeats the selection and starts inside of it', async () => {
    player.load(loaded());
    player.select({ start: 9000, end: 7000 });
    expect(player.selection).toEqual({ start: 7000, end: 9000 });
    player.setLoop(true);
    player.seek(100);
    await player.play();
    expect(player.position).toBe(7000);
    await output.pump(2048 * 3);
    player.tick();
    expect(player.position).toBeGreaterThanOrEqual(7000);
    expect(player.position).toBeLessThan(9000);
    expect(player.playing).toBe(true);
  });

  it('marks the selection at the position with I and O, also the wrong way round', () => {
    player.load(loaded());
    player.seek(3000);
    player.selectEdge('start');
    expect(player.selection).toEqual({ start: 3000, end: length });
    player.seek(5000);
    player.selectEdge('end');
    expect(player.selection).toEqual({ start: 3000, end: 5000 });
    player.seek(8000);
    player.selectEdge('start');
    expect(player.selection).toEqual({ start: 8000, end: length });
  });

  it('shuttles faster with every press and at normal speed in the other direction', async () => {
    player.load(loaded());
    player.seek(10_000);
    await player.shuttle(1);
    await player.shuttle(1);
    await player.shuttle(1);
    expect(player.shuttleSpeed).toBe(4);
    await player.shuttle(-1);
    expect(player.shuttleSpeed).toBe(-1);
    await output.pump(1024);
    player.tick();
    expect(player.position).toBeLessThan(10_000);
    player.stop();
    expect(player.shuttleSpeed).toBe(1);
  });

  it('remembers the position of each recording', () => {
    player.load(loaded());
    player.seek(4321);
    player.load(loaded({ fileId: 'b' }));
    expect(player.position).toBe(0);
    player.load(loaded());
    expect(player.position).toBe(4321);
  });

  it('says so when there is no sound device, and is not playing', async () => {
    output.refuses = true;
    player.load(loaded());
    await player.play();
    expect(player.playing).toBe(false);
    expect(messages.list[0]?.tone).toBe('problem');
  });

  it('has a volume slider whose middle is 12 dB down', () => {
    expect(20 * Math.log10(volumeGain(0.5))).toBeCloseTo(-12.04, 2);
    expect(volumeGain(1)).toBe(1);
  });
});

describe('PlayerState with live monitoring', () => {
  /** The fake net turns the sign over. */
  const lastHeard = () => Math.sign(output.heard.at(-1) ?? 0);

  it('stays off while there is no net', () => {
    player.load(loaded());
    player.setLive(true);
    expect(live.on).toBe(false);
    expect(player.side).toBe('raw');
    player.setSide('live');
    expect(player.side).toBe('raw');
  });

  it('hands the weights to the output, hears live when it is switched on, raw when off, without moving', async () => {
    await live.prepare('fp32');
    expect([...(output.liveOnnx ?? [])]).toEqual([1, 2]);
    player.load(loaded());
    await player.play();
    await output.pump(1024);
    player.setLive(true);
    expect(player.side).toBe('live');
    await output.pump(2048);
    player.tick();
    expect(live.status).toBe('ready');
    expect(lastHeard()).toBe(-1);
    player.setLive(false);
    expect(player.side).toBe('raw');
    await output.pump(1024);
    expect(lastHeard()).toBe(1);
    player.tick();
    expect(player.position).toBe(1024 + 2048 + 1024 - 128);
  });

  it('acts with the strength of the slider at once, and is raw when Enhance is off', async () => {
    await live.prepare('fp32');
    player.load(loaded());
    player.setLive(true);
    await player.play();
    settings.setEnhanceStrength(0.3);
    player.tick();
    expect(output.control?.levels.liveStrength).toBeCloseTo(0.3, 6);
    settings.setEnhanceOn(false);
    player.tick();
    expect(output.control?.levels.liveStrength).toBe(0);
  });

  it('toggles raw with the other version heard last, and says which one is heard', async () => {
    await live.prepare('fp32');
    player.load(loaded());
    player.toggleSide();
    expect(player.side).toBe('raw');
    player.setLive(true);
    player.toggleSide();
    expect(player.side).toBe('raw');
    player.toggleSide();
    expect(player.side).toBe('live');
    player.load(withResult());
    expect(player.side).toBe('live');
    player.setSide('result');
    player.toggleSide();
    player.toggleSide();
    expect(player.side).toBe('result');
    player.setLive(false);
    expect(player.side).toBe('result');
  });

  it('stays on with the next recording', async () => {
    await live.prepare('fp32');
    player.load(loaded());
    player.setLive(true);
    player.load(loaded({ fileId: 'b' }));
    await player.play();
    await output.pump(4096);
    expect(player.side).toBe('live');
    expect(lastHeard()).toBe(-1);
  });

  it('shows no saved work of the recording before, and is raw once its net is gone', async () => {
    await live.prepare('fp32');
    player.load(loaded());
    player.setLive(true);
    await player.play();
    await output.pump(4096);
    player.tick();
    expect(live.savedShare).not.toBeNull();
    player.load(loaded({ fileId: 'b' }));
    player.tick();
    expect(live.savedShare).toBeNull();
    await player.play();
    await output.pump(4096);
    await live.prepare('gone');
    player.tick();
    await output.pump(2048);
    expect(player.side).toBe('raw');
    expect(output.control?.liveSession).toBe(0);
    expect(lastHeard()).toBe(1);
  });

  it('falls back to raw with a warning when the audio thread cannot keep up, and may be tried again', async () => {
    await live.prepare('fp32');
    player.load(loaded());
    player.setLive(true);
    await player.play();
    // Each hop takes as long as it lasts.
    output.costMs = 16;
    await output.pump(2 * rate);
    player.tick();
    expect(live.on).toBe(false);
    expect(player.side).toBe('raw');
    expect(messages.list[0]?.tone).toBe('warning');
    player.setLive(true);
    player.tick();
    expect(live.on).toBe(true);
  });
});
