import type { OutputFormat } from '../../../electron/contract/audio-format.js';
import {
  voiceSettingsSchema,
  type ChainSettings,
  type DisguiseSettings,
  type VoiceSettings,
} from '../../../electron/contract/chain.js';
import type { JobSettings } from '../../../electron/contract/job.js';
import type { NamePolicy, Preset } from '../../../electron/contract/preset.js';
import type { AppSettings } from '../../../electron/contract/window-contract.js';
import type { ApiClient } from '../api/client.js';
import { voiceWords } from '../text/voice-words.js';
import type { MessagesState } from './messages.svelte.js';

/** The folder that results go to. */
export interface OutputFolder {
  readonly path: string;
  readonly exists: boolean;
}

const saveDelayMilliseconds = 400;

/** Before the main process has answered: nothing runs, neutral names. */
const emptySettings: AppSettings = {
  schema: 'sotto.settings/1',
  job: { chain: {}, export: { format: 'same', names: 'neutral' } },
  volume: 0.5,
  loudnessMatch: true,
};

/** What the user wants done, kept between starts. Every change is saved a moment later. */
export class SettingsState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  #settings = $state.raw<AppSettings>(emptySettings);
  #presets = $state.raw<readonly Preset[]>([]);
  #outputFolder = $state.raw<OutputFolder>({ path: '', exists: false });
  /** remembered while the stage is off, so that switching it on again gives the same strength and net */
  #strengthWhenOn = $state.raw(1);
  #levelWhenOn = $state.raw('fp32');
  /** the disguise as it would be when switched on, and the alpha that is taken when it is fixed */
  #disguiseWhenOn = $state.raw<DisguiseSettings>({ strength: 1, alpha: 'random' });
  #fixedAlpha = $state.raw(0.7);
  /** another voice as it would be when switched on */
  #voiceWhenOn = $state.raw<VoiceSettings>(voiceSettingsSchema.parse({ mode: 'random' }));
  #saveTimer: ReturnType<typeof setTimeout> | undefined;

  readonly #presetId = $derived(
    this.#presets.find((preset) => sameJob(preset, this.#settings.job))?.id ?? null,
  );

  /** on its own, so that whoever follows it is not told of every other setting */
  readonly #enhanceLevel = $derived(this.#settings.job.chain.enhance?.level ?? this.#levelWhenOn);

  /** @param client  the way to the main process; not closed here */
  constructor(client: ApiClient, messages: MessagesState) {
    this.#client = client;
    this.#messages = messages;
  }

  /** Takes over what the main process remembered. */
  load(settings: AppSettings, presets: readonly Preset[], outputFolder: OutputFolder): void {
    this.#settings = settings;
    this.#presets = presets;
    this.#outputFolder = outputFolder;
    this.#levelWhenOn = settings.job.chain.enhance?.level ?? this.#levelWhenOn;
    const strength = settings.job.chain.enhance?.strength;
    if (strength !== undefined && strength > 0) this.#strengthWhenOn = strength;
    this.#rememberDisguise(settings.job.chain.disguise);
    this.#voiceWhenOn = settings.job.chain.voice ?? this.#voiceWhenOn;
  }

  /** Chain and export policy for every recording. */
  get job(): JobSettings {
    return this.#settings.job;
  }

  /** Presets that came with the app. */
  get presets(): readonly Preset[] {
    return this.#presets;
  }

  /** Id of the preset the settings equal, null when they were changed by hand. */
  get presetId(): string | null {
    return this.#presetId;
  }

  /** Where results go. */
  get outputFolder(): OutputFolder {
    return this.#outputFolder;
  }

  /** Whether samples pass through unchanged: no stage is on, or those that are stand at strength 0. */
  get nothingRuns(): boolean {
    return Object.values(this.#settings.job.chain).every((stage) => (stage?.strength ?? 0) === 0);
  }

  /** Whether the enhance stage runs. */
  get enhanceOn(): boolean {
    return this.#settings.job.chain.enhance !== undefined;
  }

  /** 0..1; while the stage is off, the strength it would have when switched on. */
  get enhanceStrength(): number {
    return this.#settings.job.chain.enhance?.strength ?? this.#strengthWhenOn;
  }

  /** Level of the enhancer, which jobs and live monitoring run with; while the stage is off, the one it would have. */
  get enhanceLevel(): string {
    return this.#enhanceLevel;
  }

  /** Whether the disguise stage runs. */
  get disguiseOn(): boolean {
    return this.#settings.job.chain.disguise !== undefined;
  }

  /** The disguise; while the stage is off, as it would be when switched on. */
  get disguise(): DisguiseSettings {
    return this.#settings.job.chain.disguise ?? this.#disguiseWhenOn;
  }

  /** The alpha that a fixed disguise has or would have. */
  get fixedAlpha(): number {
    return this.#fixedAlpha;
  }

  /** Whether the voice stage runs. */
  get voiceOn(): boolean {
    return this.#settings.job.chain.voice !== undefined;
  }

  /** The other voice; while the stage is off, as it would be when switched on. */
  get voice(): VoiceSettings {
    return this.#settings.job.chain.voice ?? this.#voiceWhenOn;
  }

  /** 0..1, position of the volume slider. */
  get volume(): number {
    return this.#settings.volume;
  }

  /** Whether the louder of raw and result is lowered in playback. */
  get loudnessMatch(): boolean {
    return this.#settings.loudnessMatch;
  }

  /** Takes over chain and export policy of a preset; unknown ids are ignored. */
  usePreset(id: string): void {
    const preset = this.#presets.find((candidate) => candidate.id === id);
    if (!preset) return;
    this.#change({ job: { chain: preset.chain, export: preset.export } });
    this.#rememberDisguise(preset.chain.disguise);
    this.#voiceWhenOn = preset.chain.voice ?? this.#voiceWhenOn;
    if (!preset.chain.enhance) return;
    this.#strengthWhenOn = preset.chain.enhance.strength;
    this.#levelWhenOn = preset.chain.enhance.level;
  }

  /** Switches the enhance stage. */
  setEnhanceOn(on: boolean): void {
    const { enhance: _off, ...others } = this.job.chain;
    const chain = on
      ? { ...others, enhance: { strength: this.#strengthWhenOn, level: this.enhanceLevel } }
      : others;
    this.#change({ job: { ...this.job, chain } });
  }

  /** @param strength  0..1; outside is clamped */
  setEnhanceStrength(strength: number): void {
    const enhance = { strength: Math.min(1, Math.max(0, strength)), level: this.enhanceLevel };
    this.#strengthWhenOn = enhance.strength;
    this.#change({ job: { ...this.job, chain: { ...this.job.chain, enhance } } });
  }

  /** @param level  of the enhancer, see `models:list` */
  setEnhanceLevel(level: string): void {
    this.#levelWhenOn = level;
    const { enhance } = this.job.chain;
    if (!enhance) return;
    this.#change({ job: { ...this.job, chain: { ...this.job.chain, enhance: { ...enhance, level } } } });
  }

  /** Switches the disguise stage; on, it switches another voice off, and says so. */
  setDisguiseOn(on: boolean): void {
    const { disguise: _off, ...others } = this.job.chain;
    const { voice, ...beside } = others;
    const chain = on ? { ...beside, disguise: running(this.#disguiseWhenOn) } : others;
    this.#change({ job: { ...this.job, chain } });
    if (on && voice) this.#messages.tell('news', voiceWords.voiceOff);
  }

  /** Switches the voice stage; on, it switches the disguise off, and says so. */
  setVoiceOn(on: boolean): void {
    const { voice: _off, ...others } = this.job.chain;
    const { disguise, ...beside } = others;
    const chain = on ? { ...beside, voice: running(this.#voiceWhenOn) } : others;
    this.#change({ job: { ...this.job, chain } });
    if (on && disguise) this.#messages.tell('news', voiceWords.disguiseOff);
  }

  /**
   * Changes the other voice, whether the stage is on or not. Strength 0 switches the stage off and is not kept: nothing of another voice
   * would be heard while the switch says so.
   */
  setVoice(part: Partial<VoiceSettings>): void {
    if (part.strength === 0) {
      this.setVoiceOn(false);
      return;
    }
    const voice = { ...this.voice, ...part };
    this.#voiceWhenOn = voice;
    if (!this.voiceOn) return;
    this.#change({ job: { ...this.job, chain: { ...this.job.chain, voice } } });
  }

  /**
   * Changes the disguise, whether it is on or not.
   * @param part  a strength of 0..1; an alpha within its range, or `random`
   */
  setDisguise(part: Partial<DisguiseSettings>): void {
    const disguise = { ...this.disguise, ...part };
    this.#rememberDisguise(disguise);
    if (!this.disguiseOn) return;
    this.#change({ job: { ...this.job, chain: { ...this.job.chain, disguise } } });
  }

  /** Sets the format of the exported files. */
  setFormat(format: OutputFormat): void {
    this.#change({ job: { ...this.job, export: { ...this.job.export, format } } });
  }

  /** Sets how the exported files are named. */
  setNames(names: NamePolicy): void {
    this.#change({ job: { ...this.job, export: { ...this.job.export, names } } });
  }

  /** @param volume  0..1; outside is clamped */
  setVolume(volume: number): void {
    this.#change({ volume: Math.min(1, Math.max(0, volume)) });
  }

  /** Switches loudness matching in playback. */
  setLoudnessMatch(on: boolean): void {
    this.#change({ loudnessMatch: on });
  }

  /** Lets the user choose the output folder in the system's dialog. */
  async chooseOutputFolder(): Promise<void> {
    try {
      this.#outputFolder = await this.#client.request('output:choose', {});
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  /** Saves at once what waits to be saved. */
  async flush(): Promise<void> {
    if (this.#saveTimer === undefined) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    try {
      await this.#client.request('settings:save', this.#settings);
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  #rememberDisguise(disguise: DisguiseSettings | undefined): void {
    if (!disguise) return;
    this.#disguiseWhenOn = disguise;
    if (disguise.alpha !== 'random') this.#fixedAlpha = disguise.alpha;
  }

  #change(part: Partial<AppSettings>): void {
    this.#settings = { ...this.#settings, ...part };
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.flush(), saveDelayMilliseconds);
  }
}

/** @returns true when both would give the same files; strength 0 equals a stage that is off */
export function sameJob(a: JobSettings, b: JobSettings): boolean {
  return (
    sameChain(a.chain, b.chain) && a.export.format === b.export.format && a.export.names === b.export.names
  );
}

/** @returns true when the same stages run with the same settings; strength 0 equals a stage that is off */
export function sameChain(a: ChainSettings, b: ChainSettings): boolean {
  const stages = Object.keys({ ...a, ...b }) as (keyof ChainSettings)[];
  return stages.every((stage) => sameStage(a[stage], b[stage]));
}

function sameStage(a: ChainSettings[keyof ChainSettings], b: typeof a): boolean {
  const [one, other] = [a, b].map((stage) => (stage && stage.strength > 0 ? Object.entries(stage) : []));
  const values = new Map<string, unknown>(one);
  return values.size === other?.length && other.every(([name, value]) => values.get(name) === value);
}

/** Whoever switches a stage on wants it to do something. */
function running<Settings extends { readonly strength: number }>(remembered: Settings): Settings {
  return remembered.strength > 0 ? remembered : { ...remembered, strength: 1 };
}
