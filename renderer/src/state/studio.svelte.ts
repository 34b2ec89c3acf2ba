import { createContext, untrack } from 'svelte';
import type { ApiClient } from '../api/client.js';
import type { AudioOutput, OutputListeners } from '../player/audio-output.js';
import { voiceWords } from '../text/voice-words.js';
import { words } from '../text/words.js';
import { Viewport } from '../waveform/viewport.svelte.js';
import { EngineState } from './engine.svelte.js';
import { mixableStrength } from './heard-chain.js';
import { LanesState } from './lanes.svelte.js';
import { LiveState } from './live.svelte.js';
import type { Loaded } from './loaded.js';
import { MessagesState } from './messages.svelte.js';
import { NetsState, type NetLevel } from './nets.svelte.js';
import { OutputPlanState } from './output-plan.svelte.js';
import { PitchState } from './pitch.svelte.js';
import { PlayerState } from './player.svelte.js';
import { PreviewState } from './preview.svelte.js';
import type { QueueItem } from './queue-item.svelte.js';
import { QueueState } from './queue.svelte.js';
import { SettingsState } from './settings.svelte.js';

/** All state of one window, and what joins its parts. Handed down by context; a test makes its own. */
export class Studio {
  readonly client: ApiClient;
  readonly messages: MessagesState;
  readonly settings: SettingsState;
  readonly nets: NetsState;
  readonly queue: QueueState;
  readonly lanes: LanesState;
  readonly plan: OutputPlanState;
  readonly live: LiveState;
  readonly player: PlayerState;
  readonly preview: PreviewState;
  readonly pitch: PitchState;
  readonly engine: EngineState;
  readonly viewport: Viewport;
  #shortcutsShown = $state.raw(false);

  /**
   * @param client      the way to the main process
   * @param makeOutput  opens the sound device; is told where to report what ends by itself
   */
  constructor(client: ApiClient, makeOutput: (listeners: OutputListeners) => AudioOutput) {
    this.client = client;
    this.messages = new MessagesState();
    this.settings = new SettingsState(client, this.messages);
    this.nets = new NetsState(client);
    this.queue = new QueueState(client, this.messages, () => this.settings.job);
    this.lanes = new LanesState(client, this.queue);
    this.plan = new OutputPlanState(client, this.messages);
    const output = makeOutput({
      onFailure: (error) => {
        this.player.fail(error);
      },
      onLiveFailure: (message) => {
        this.player.setLive(false);
        this.live.fail(message);
      },
    });
    this.live = new LiveState(client, this.messages, (net) => {
      output.useLiveWeights(net);
    });
    this.player = new PlayerState(output, this.settings, this.messages, this.live);
    this.preview = new PreviewState(client, this.messages, this.queue, this.player, this.settings);
    this.pitch = new PitchState(client, this.queue, this.player);
    this.engine = new EngineState(this.messages);
    this.viewport = new Viewport();
  }

  /** Whether the list of shortcuts is open. */
  get shortcutsShown(): boolean {
    return this.#shortcutsShown;
  }

  /** Opens or closes the list of shortcuts. */
  showShortcuts(shown: boolean): void {
    this.#shortcutsShown = shown;
  }

  /** Processes and exports everything that needs it, and says how it went. */
  async processAll(): Promise<void> {
    const batch = [...this.queue.toProcess];
    if (batch.length > 0) await this.#run(batch, () => this.queue.processAll());
  }

  /** Processes and exports one recording, also when it is done already, and says how it went. */
  async process(fileId: string): Promise<void> {
    const batch = this.queue.items.filter((item) => item.id === fileId && !item.busy);
    if (batch.length > 0) await this.#run(batch, () => this.queue.process(fileId));
  }

  /** Writes the report that may be shared beside the results. */
  async shareReport(): Promise<void> {
    try {
      const { path } = await this.client.request('report:share', {});
      this.messages.tell('news', path === null ? words.export.reportNone : words.export.reportSaved(path));
    } catch (error) {
      this.messages.tellError(error);
    }
  }

  /** Opens the output folder in the system's file manager. */
  async revealOutput(fileId: string | null): Promise<void> {
    try {
      await this.client.request('output:reveal', { fileId });
    } catch (error) {
      this.messages.tellError(error);
    }
  }

  /**
   * Listens to the main process and asks for what it remembers.
   * @returns function that ends everything the window has started
   */
  start(): () => void {
    const endings = [
      this.client.on('file:progress', ({ fileId, progress }) => {
        if (progress.phase === 'preview') this.preview.showProgress(fileId, progress);
        else this.queue.showProgress(fileId, progress);
      }),
      this.client.on('files:opened', (added) => {
        this.queue.accept(added);
      }),
      this.client.on('engine:state', ({ state, message }) => {
        this.engine.show(state, message);
      }),
      this.client.on('menu:command', ({ command }) => {
        if (command === 'open-files') void this.queue.choose('files');
        else if (command === 'open-folder') void this.queue.choose('folder');
        else if (command === 'process-all') void this.processAll();
        else this.showShortcuts(true);
      }),
      this.player.start(),
      this.lanes.start(),
      this.pitch.start(),
      $effect.root(() => {
        $effect(() => {
          const shown = playable(this.client, this.queue.selected);
          untrack(() => {
            this.player.load(shown);
          });
        });
        $effect(() => {
          // With the first recording that can be heard, so that a first start does not wait for it.
          if (!this.player.loaded) return;
          const level = this.settings.enhanceLevel;
          void untrack(() => Promise.all([this.live.prepare(level), this.nets.load()]));
        });
        $effect(() => {
          const level = this.settings.enhanceLevel;
          const instead = insteadOf(level, this.nets.levels);
          if (!instead) return;
          untrack(() => {
            this.settings.setEnhanceLevel(instead.id);
            if (this.settings.enhanceOn)
              this.messages.tell('warning', words.stages.netGone(level, instead.title));
          });
        });
        $effect(() => {
          const { level } = this.settings.voice;
          const instead = insteadOf(level, this.nets.voiceLevels ?? []);
          if (!instead) return;
          untrack(() => {
            this.settings.setVoice({ level: instead.id });
            if (this.settings.voiceOn)
              this.messages.tell('warning', voiceWords.levelGone(level, instead.title));
          });
        });
        $effect(() => {
          this.plan.schedule(
            this.queue.toProcess.map((item) => item.id),
            this.settings.job,
            this.settings.outputFolder.path,
          );
        });
      }),
    ];
    void this.#load();
    return () => {
      for (const end of endings) end();
      this.plan.close();
      this.messages.close();
      void this.settings.flush();
    };
  }

  async #run(batch: readonly QueueItem[], work: () => Promise<void>): Promise<void> {
    await work();
    const failed = batch.filter((item) => item.status === 'failed').length;
    const done = batch.filter((item) => item.status === 'done').length;
    if (done + failed > 0) {
      this.messages.tell(failed > 0 ? 'warning' : 'news', words.messages.finished(done, failed));
    }
  }

  async #load(): Promise<void> {
    try {
      const state = await this.client.request('app:state', {});
      this.settings.load(state.settings, state.presets, state.outputFolder);
      for (const notice of state.notices ?? []) this.messages.tell('warning', notice.message);
      this.queue.accept(state.opened);
      // Only now, so that no net is found missing that was never set.
      await this.nets.load();
    } catch (error) {
      this.messages.tellError(error);
    }
  }
}

/** The studio of the window that a component lives in. */
export const [getStudio, setStudio] = createContext<Studio>();

function playable(client: ApiClient, item: QueueItem | null): Loaded | null {
  if (!item?.prepared) return null;
  const { sampleRateHz, channels, sampleFrames } = item.prepared.playback;
  const { result, preview } = item;
  return {
    ...{ fileId: item.id, sampleRateHz, channels, length: sampleFrames },
    rawUrl: client.mediaUrl(item.id, 'raw.pcm'),
    result: result?.playback
      ? {
          url: client.mediaUrl(item.id, 'result.pcm'),
          range: { start: 0, end: sampleFrames },
          version: result.version,
          loudness: result.report.loudness ?? null,
          renderedStrength: mixableStrength(result.settings.chain),
        }
      : null,
    preview: preview && {
      url: client.mediaUrl(item.id, 'preview.pcm'),
      range: preview.range,
      version: preview.version,
      loudness: preview.loudness,
      renderedStrength: mixableStrength(preview.chain),
    },
  };
}

/** @returns what is installed instead of a level that is not; null where it is, or where nothing is known to be */
function insteadOf(level: string, levels: readonly NetLevel[]): NetLevel | null {
  return levels.some(({ id }) => id === level) ? null : (levels[0] ?? null);
}
