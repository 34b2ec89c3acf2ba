import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';

/** State of a recording in the queue, as its row says it. */
export type RowState =
  'waiting' | 'preparing' | 'ready' | 'queued' | 'processing' | 'done' | 'failed' | 'cancelled';

const screenshots = join(import.meta.dirname, '..', '..', 'out', 'screenshots');

/** The studio's window as a user finds it: by roles and names. */
export class StudioPage {
  readonly page: Page;
  readonly dropZone: Locator;
  readonly queue: Locator;
  readonly processAll: Locator;
  readonly play: Locator;
  readonly stop: Locator;
  readonly position: Locator;
  readonly raw: Locator;
  readonly result: Locator;
  readonly live: Locator;
  readonly hearLive: Locator;
  readonly preview: Locator;
  readonly hearPreview: Locator;
  readonly strength: Locator;
  readonly net: Locator;
  readonly volume: Locator;
  readonly plannedName: Locator;
  readonly shortcuts: Locator;
  readonly playPosition: Locator;
  readonly lanes: Locator;
  readonly details: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dropZone = page.getByRole('region', { name: 'Drop zone' });
    this.queue = page.getByRole('list', { name: 'Queue' });
    this.processAll = page.getByRole('button', { name: 'Process all' });
    this.play = page.getByRole('button', { name: 'Play', exact: true });
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.position = page.getByRole('timer', { name: 'Position' });
    this.raw = page.getByRole('radio', { name: 'A Raw' });
    this.result = page.getByRole('radio', { name: 'B Result' });
    this.live = page.getByRole('switch', { name: 'Live' });
    this.hearLive = page.getByRole('radio', { name: 'C Live' });
    this.preview = page.getByRole('region', { name: 'Preview' });
    this.hearPreview = page.getByRole('radio', { name: 'D Preview' });
    this.strength = page.getByRole('slider', { name: 'Enhance strength' });
    this.net = page.getByRole('combobox', { name: 'Net' });
    this.volume = page.getByRole('slider', { name: 'Volume' });
    this.plannedName = page.getByRole('region', { name: 'Export' }).getByRole('status');
    this.shortcuts = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    this.lanes = page.getByRole('group', { name: 'Lanes' });
    this.details = page.getByRole('region', { name: 'Details of the recording' });
    this.playPosition = page.getByRole('slider', { name: 'Play position' });
  }

  /** Waits until the engine has answered for the first time. */
  async isReady(): Promise<void> {
    await expect(this.page.getByText('Engine ready')).toBeVisible({ timeout: 30_000 });
  }

  /** Drops files or folders of this machine on the window, as the system's file manager would. */
  async drop(paths: readonly string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data });
    }
    await session.detach();
  }

  /** The row of one recording. */
  row(name: string): Locator {
    return this.queue.getByRole('listitem').filter({ hasText: name });
  }

  /** Makes a recording the one that is shown. */
  async select(name: string): Promise<void> {
    await this.row(name).getByRole('button').first().click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  /** Waits until a recording has come to a state. */
  async isIn(name: string, state: RowState, timeoutMs = 30_000): Promise<void> {
    await expect(this.row(name)).toHaveAttribute('data-state', state, { timeout: timeoutMs });
  }

  /** Cancels, retries or removes one recording. */
  async act(action: 'Cancel' | 'Retry' | 'Remove', name: string): Promise<void> {
    await this.page.getByRole('button', { name: `${action} ${name}` }).click();
  }

  /** @returns the play position in seconds */
  async positionSeconds(): Promise<number> {
    const text = (await this.position.textContent()) ?? '';
    const [minutes, seconds] = text.trim().split(':');
    return Number(minutes) * 60 + Number(seconds);
  }

  /** Sets a slider to a value by its keys. */
  async slideToStart(slider: Locator): Promise<void> {
    await slider.focus();
    await slider.press('Home');
  }

  /** Keeps a picture of the window for whoever looks at a run; not compared. */
  async screenshot(name: string): Promise<void> {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
}
