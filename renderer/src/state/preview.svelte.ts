import { tick } from 'svelte';
import { AppError } from '../../../electron/contract/app-error.js';
import type { ChainSettings } from '../../../electron/contract/chain.js';
import type { Progress } from '../../../electron/contract/job.js';
import type { ApiClient } from '../api/client.js';
import { previewWords } from '../text/preview-words.js';
import { soundsAs } from './heard-chain.js';
import type { MessagesState } from './messages.svelte.js';
import type { PlayerState } from './player.svelte.js';
import { previewStretch } from './preview-stretch.js';
import type { PreviewStretch } from './preview-stretch.js';
import type { QueueItem } from './queue-item.svelte.js';
import type { QueueState } from './queue.svelte.js';
import type { SettingsState } from './settings.svelte.js';

/** Where the user is in a recording. */
type Place = Pick<PlayerState, 'selection' | 'position'>;

/** Stretches that are rendered for listening, one for each recording. Results stay as they are. */
export class PreviewState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  readonly #queue: QueueState;
  readonly #player: PlayerState;
  readonly #settings: SettingsState;
  #versions = 0;

  readonly #stretch = $derived.by((): PreviewStretch | null => {
    const { loaded, selection, position } = this.#player;
    if (!loaded || loaded.length === 0) return null;
    return previewStretch(selection, position, loaded.length, loaded.sampleRateHz);
  });

  /** @param player  plays what was rendered; not closed here */
  constructor(
    client: ApiClient,
    messages: MessagesState,
    queue: QueueState,
    player: PlayerState,
    settings: SettingsState,
  ) {
    this.#client = client;
    this.#messages = messages;
    this.#queue = queue;
    this.#player = player;
    this.#settings = settings;
  }

  /** What would be rendered now; null while nothing can be. */
  get stretch(): PreviewStretch | null {
    return this.#stretch;
  }

  /** Whether the recording's preview was made with a chain that sounds otherwise than the one set now. */
  isStale({ preview }: QueueItem): boolean {
    return preview !== null && !soundsAs(preview.chain, this.#settings.job.chain);
  }

  /** Whether a preview of the recording shown waits or is rendered. */
  get running(): boolean {
    return (this.#queue.selected?.previewing ?? null) !== null;
  }

  /** Renders the stretch of the recording shown and, unless something else was done meanwhile, plays it in a loop. What was previewed before is let go first. */
  async start(): Promise<void> {
    const item = this.#queue.selected;
    const wish = this.#stretch;
    if (!item || !wish || item.previewing) {
      if (!item?.previewing) this.#messages.tell('news', previewWords.nothingLoaded);
      return;
    }
    if (this.#settings.nothingRuns) {
      this.#messages.tell('warning', previewWords.nothingRuns);
      return;
    }
    if (wish.cut) this.#messages.tell('news', previewWords.cut);
    const { chain } = this.#settings.job;
    const { selection, position } = this.#player;
    // Its file is about to be replaced: nobody may go on reading it, or take it for the new one.
    item.preview = null;
    item.previewing = { progress: null };
    try {
      await this.#render(item, wish, chain);
    } catch (error) {
      if (AppError.from(error).code !== 'CANCELLED') this.#messages.tellError(error);
      return;
    } finally {
      item.previewing = null;
    }
    await this.#play(item, wish, { selection, position });
  }

  /** Ends the preview of the recording shown that waits or is rendered. */
  async cancel(): Promise<void> {
    const item = this.#queue.selected;
    if (!item?.previewing) return;
    try {
      await this.#client.request('preview:cancel', { fileId: item.id });
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  /** Takes progress over from the engine. */
  showProgress(fileId: string, progress: Progress): void {
    const item = this.#queue.items.find((candidate) => candidate.id === fileId);
    if (item?.previewing) item.previewing = { progress };
  }

  async #render(item: QueueItem, { range }: PreviewStretch, chain: ChainSettings): Promise<void> {
    const stretch = { startFrame: range.start, endFrame: range.end };
    const rendered = await this.#client.request('preview:start', { fileId: item.id, stretch, chain });
    item.preview = { ...rendered, range, chain, version: ++this.#versions };
  }

  /** Takes selection, position and transport over where the user has left them alone since; else it is only said to be ready. */
  async #play(item: QueueItem, { range }: PreviewStretch, before: Place): Promise<void> {
    // Removed meanwhile: there is nothing left to hear, or to say.
    if (!this.#queue.items.includes(item)) return;
    if (this.#queue.selected !== item) {
      this.#messages.tell('news', previewWords.readyElsewhere(item.file.name));
      return;
    }
    // The player is told of it by an effect.
    await tick();
    const player = this.#player;
    if (player.playing || !samePlace(player, before)) {
      this.#messages.tell('news', previewWords.readyHere('D'));
      return;
    }
    player.select(range);
    player.seek(range.start);
    player.setSide('preview');
    player.setLoop(true);
    await player.play();
  }
}

function samePlace(a: Place, b: Place): boolean {
  const sameSelection = a.selection?.start === b.selection?.start && a.selection?.end === b.selection?.end;
  return sameSelection && a.position === b.position;
}
