import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import { voiceSettingsSchema } from '../../../electron/contract/chain.js';
import { createFakeClient, fakeSettings } from '../api/client.fake.js';
import { MessagesState } from './messages.svelte.js';
import { SettingsState, sameJob } from './settings.svelte.js';

const cleanOnly = {
  schema: 'sotto.preset/1',
  id: 'clean-only',
  title: 'Clean only',
  description: '',
  ...fakeSettings.job,
} as const;
const passthrough = {
  schema: 'sotto.preset/1',
  id: 'passthrough',
  title: 'Pass through',
  description: '',
  chain: {},
  export: { format: 'same', names: 'neutral' },
} as const;

function setUp(save = vi.fn(async () => ({}))) {
  const client = createFakeClient({
    'settings:save': save,
    'output:choose': async () => ({ path: '/else', exists: false }),
  });
  const messages = new MessagesState();
  const settings = new SettingsState(client, messages);
  settings.load(fakeSettings, [cleanOnly, passthrough], { path: '/out', exists: true });
  return { settings, save, messages };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('SettingsState', () => {
  it('saves once, a moment after the last of several changes', async () => {
    const { settings, save } = setUp();
    settings.setVolume(0.2);
    settings.setVolume(0.3);
    settings.setLoudnessMatch(false);
    await vi.runAllTimersAsync();
    expect(save).toHaveBeenCalledOnce();
    expect(save).toHaveBeenCalledWith({ ...fakeSettings, volume: 0.3, loudnessMatch: false });
  });

  it('saves at once when asked, and not a second time', async () => {
    const { settings, save } = setUp();
    settings.setFormat('flac');
    await settings.flush();
    await vi.runAllTimersAsync();
    expect(save).toHaveBeenCalledOnce();
  });

  it('tells when saving fails', async () => {
    const { settings, messages } = setUp(
      vi.fn(async () => {
        throw new AppError('OUTPUT_DISK_FULL', 'Expected room for the settings, found none.');
      }),
    );
    settings.setVolume(0.1);
    await vi.runAllTimersAsync();
    expect(messages.list[0]?.text).toContain('found none');
  });

  it('names the preset that the settings equal, and none after a change by hand', () => {
    const { settings } = setUp();
    expect(settings.presetId).toBe('clean-only');
    settings.setEnhanceStrength(0.7);
    expect(settings.presetId).toBeNull();
    settings.usePreset('passthrough');
    expect(settings.presetId).toBe('passthrough');
    expect(settings.enhanceOn).toBe(false);
  });

  it('keeps the strength of a stage while it is off', () => {
    const { settings } = setUp();
    settings.setEnhanceStrength(0.7);
    settings.setEnhanceOn(false);
    expect(settings.job.chain.enhance).toBeUndefined();
    settings.setEnhanceOn(true);
    expect(settings.enhanceStrength).toBe(0.7);
  });

  it('keeps the net of a stage while it is off, and gives it to the job whatever else changes', () => {
    const { settings } = setUp();
    settings.setEnhanceLevel('phi25');
    expect(settings.job.chain.enhance).toEqual({ strength: 1, level: 'phi25' });
    expect(settings.presetId).toBeNull();
    settings.setEnhanceOn(false);
    expect(settings.enhanceLevel).toBe('phi25');
    settings.setEnhanceOn(true);
    settings.setEnhanceStrength(0.7);
    expect(settings.job.chain.enhance).toEqual({ strength: 0.7, level: 'phi25' });
    settings.usePreset('clean-only');
    expect(settings.enhanceLevel).toBe('fp32');
    settings.setEnhanceOn(false);
    settings.setEnhanceLevel('phi25');
    expect(settings.job.chain.enhance).toBeUndefined();
    settings.setEnhanceOn(true);
    expect(settings.job.chain.enhance?.level).toBe('phi25');
  });

  it('keeps a disguise while it is off, and its fixed alpha while it is random', () => {
    const { settings } = setUp();
    expect(settings.disguiseOn).toBe(false);
    settings.setDisguise({ alpha: 0.6 });
    expect(settings.job.chain.disguise).toBeUndefined();
    settings.setDisguiseOn(true);
    expect(settings.job.chain.disguise).toEqual({ strength: 1, alpha: 0.6 });
    expect(settings.presetId).toBeNull();
    settings.setDisguise({ alpha: 'random' });
    settings.setDisguise({ strength: 0.4 });
    expect(settings.job.chain.disguise).toEqual({ strength: 0.4, alpha: 'random' });
    expect(settings.job.chain.enhance).toEqual(fakeSettings.job.chain.enhance);
    expect(settings.fixedAlpha).toBe(0.6);
    settings.setDisguiseOn(false);
    expect(settings.presetId).toBe('clean-only');
    settings.setDisguiseOn(true);
    expect(settings.disguise).toEqual({ strength: 0.4, alpha: 'random' });
  });

  it('keeps another voice while it is off, and saves every choice of it', async () => {
    const { settings, save } = setUp();
    expect(settings.voiceOn).toBe(false);
    settings.setVoice({ mode: 'neutral' });
    expect(settings.job.chain.voice).toBeUndefined();
    settings.setVoiceOn(true);
    settings.setVoice({ pitch: 'flat', clarity: 'balanced' });
    const voice = { mode: 'neutral', pitch: 'flat', clarity: 'balanced', strength: 1, level: 'edge' };
    expect(settings.job.chain).toEqual({ ...fakeSettings.job.chain, voice });
    expect(settings.presetId).toBeNull();
    await vi.runAllTimersAsync();
    expect(save).toHaveBeenLastCalledWith({ ...fakeSettings, job: settings.job });
    // At 0 the raw voice would go out under a switch that is on.
    settings.setVoice({ strength: 0 });
    expect(settings.voiceOn).toBe(false);
    expect(settings.presetId).toBe('clean-only');
    settings.setVoiceOn(true);
    expect(settings.voice).toEqual(voice);
  });

  it('lets one of disguise and another voice be on, and says which it switched off', () => {
    const { settings, messages } = setUp();
    settings.setDisguise({ alpha: 0.6 });
    settings.setDisguiseOn(true);
    expect(messages.list).toEqual([]);
    settings.setVoiceOn(true);
    expect(settings.disguiseOn).toBe(false);
    expect(messages.list.at(-1)?.text).toContain('Disguise was turned off');
    settings.setDisguiseOn(true);
    expect(settings.voiceOn).toBe(false);
    expect(settings.disguise.alpha).toBe(0.6);
    expect(messages.list.at(-1)?.text).toContain('Voice was turned off');
    settings.setVoiceOn(false);
    expect(settings.disguiseOn).toBe(true);
  });

  it('never switches on a disguise that does nothing, and says when no stage does anything', () => {
    const { settings } = setUp();
    settings.setEnhanceOn(false);
    settings.setDisguiseOn(true);
    expect(settings.nothingRuns).toBe(false);
    settings.setDisguise({ strength: 0 });
    expect(settings.nothingRuns).toBe(true);
    settings.setDisguiseOn(false);
    settings.setDisguiseOn(true);
    expect(settings.disguise.strength).toBe(1);
    expect(settings.nothingRuns).toBe(false);
  });

  it('clamps strength and volume', () => {
    const { settings } = setUp();
    settings.setEnhanceStrength(3);
    settings.setVolume(-1);
    expect(settings.enhanceStrength).toBe(1);
    expect(settings.volume).toBe(0);
  });

  it('takes over the folder that the user chose', async () => {
    const { settings } = setUp();
    await settings.chooseOutputFolder();
    expect(settings.outputFolder).toEqual({ path: '/else', exists: false });
  });
});

describe('sameJob', () => {
  it('takes strength 0 and a stage that is off as the same, and any other difference as one', () => {
    const off = { chain: {}, export: fakeSettings.job.export };
    const zero = { chain: { enhance: { strength: 0, level: 'fp32' } }, export: fakeSettings.job.export };
    expect(sameJob(off, zero)).toBe(true);
    expect(sameJob(off, fakeSettings.job)).toBe(false);
    const disguised = (strength: number, alpha: number | 'random') => ({
      ...off,
      chain: { disguise: { strength, alpha } },
    });
    expect(sameJob(off, disguised(0, 0.6))).toBe(true);
    expect(sameJob(off, disguised(1, 'random'))).toBe(false);
    expect(sameJob(disguised(1, 0.6), disguised(1, 0.7))).toBe(false);
    expect(sameJob(disguised(1, 'random'), disguised(1, 'random'))).toBe(true);
    const spoken = (strength: number, mode: 'random' | 'neutral') => ({
      ...off,
      chain: { voice: { ...voiceSettingsSchema.parse({ mode }), strength } },
    });
    expect(sameJob(off, spoken(0, 'random'))).toBe(true);
    expect(sameJob(disguised(0, 'random'), spoken(0, 'random'))).toBe(true);
    expect(sameJob(off, spoken(1, 'random'))).toBe(false);
    expect(sameJob(spoken(1, 'neutral'), spoken(1, 'random'))).toBe(false);
    expect(sameJob(spoken(1, 'neutral'), spoken(1, 'neutral'))).toBe(true);
    expect(sameJob(off, { ...off, export: { format: 'flac', names: 'neutral' } })).toBe(false);
    expect(sameJob(off, { ...off, export: { format: 'wav24', names: 'source' } })).toBe(false);
  });
});
