import type { CommandActions } from './keyboard/bind-commands.js';
import { focusPane } from './keyboard/panes.js';
import type { SegmentKind } from './state/lanes.svelte.js';
import type { Studio } from './state/studio.svelte.js';
import { readingText } from './text/lane-text.js';
import { laneWords } from './text/lane-words.js';
import { formatPosition } from './text/time-format.js';

const coarseSeconds = 1;
const fineSeconds = 0.01;
/** While it plays, one has left a beginning before one can press the key again. */
const playingSlackSeconds = 0.5;
/** A position in whole samples may lie just beside a beginning. */
const standingSlackSeconds = 0.001;

/** What every command does in one studio. */
export function commandActions(studio: Studio): CommandActions {
  const { lanes, live, player, preview, queue, viewport } = studio;
  const rate = () => player.loaded?.sampleRateHz ?? 1;
  const positionSeconds = () => player.position / rate();
  return {
    'play-stop': () => void player.toggle(),
    'go-start': () => {
      player.seek(0);
      viewport.follow(0);
    },
    'shuttle-back': () => void player.shuttle(-1),
    'shuttle-stop': () => {
      player.stop();
    },
    'shuttle-forward': () => void player.shuttle(1),
    'seek-back': () => {
      seekAndShow(-coarseSeconds);
    },
    'seek-forward': () => {
      seekAndShow(coarseSeconds);
    },
    'seek-back-fine': () => {
      seekAndShow(-fineSeconds);
    },
    'seek-forward-fine': () => {
      seekAndShow(fineSeconds);
    },
    'next-speech': () => {
      goToSegment('speech', 1);
    },
    'previous-speech': () => {
      goToSegment('speech', -1);
    },
    'next-pause': () => {
      goToSegment('pause', 1);
    },
    'previous-pause': () => {
      goToSegment('pause', -1);
    },
    'say-lanes': () => {
      const { values } = lanes;
      const time = formatPosition(player.position, rate());
      lanes.say(
        values
          ? laneWords.sayAt(time, readingText(values.at(positionSeconds()), values.untold))
          : laneWords.notReady,
      );
    },
    loop: () => {
      player.setLoop(!player.loop);
    },
    'hear-raw': () => {
      player.setSide('raw');
    },
    'hear-result': () => {
      // Before there is a result, a preview or live is what one compares with.
      const side = (['result', 'preview', 'live'] as const).find((one) => player.canHear(one));
      if (!side) return false;
      player.setSide(side);
      return true;
    },
    'hear-preview': () => {
      if (player.canHear('preview')) player.setSide('preview');
      else if (!preview.running) void preview.start();
    },
    'hear-live': () => {
      if (player.canHear('live')) player.setSide('live');
      else player.setLive(true);
    },
    'live-on-off': () => {
      player.setLive(!live.on);
    },
    'toggle-version': () => {
      if (!player.hasOther || !mayTabSwitchVersion(document.activeElement)) return false;
      player.toggleSide();
      return true;
    },
    'select-start': () => {
      player.selectEdge('start');
    },
    'select-end': () => {
      player.selectEdge('end');
    },
    'go-selection-start': () => {
      goTo(player.selection?.start);
    },
    'go-selection-end': () => {
      goTo(player.selection?.end);
    },
    'select-none': () => {
      player.select(null);
    },
    'zoom-in': () => {
      viewport.zoomIn(positionSeconds());
    },
    'zoom-normal': () => {
      viewport.zoomNormal();
    },
    'zoom-out': () => {
      viewport.zoomOut(positionSeconds());
    },
    'zoom-selection': () => {
      const { selection } = player;
      if (selection) viewport.zoomTo(selection.start / rate(), selection.end / rate());
    },
    preview: () => void (preview.running ? preview.cancel() : preview.start()),
    'process-selected': () => {
      if (queue.selected) void studio.process(queue.selected.id);
    },
    'process-all': () => void studio.processAll(),
    cancel: () => {
      // Only the recording shown: an accidental Escape must not cost a whole batch.
      if (preview.running) void preview.cancel();
      else if (player.selection) player.select(null);
      else if (queue.selected?.busy) void queue.cancel(queue.selected.id);
      else return false;
      return true;
    },
    'open-files': () => void queue.choose('files'),
    'open-folder': () => void queue.choose('folder'),
    'next-pane': () => focusPane(1),
    'previous-pane': () => focusPane(-1),
    'show-shortcuts': () => {
      studio.showShortcuts(true);
    },
  };

  function seekAndShow(seconds: number): void {
    player.seekBy(seconds);
    viewport.follow(positionSeconds());
  }

  function goToSegment(kind: SegmentKind, direction: 1 | -1): void {
    const slack = direction === -1 && player.playing ? playingSlackSeconds : standingSlackSeconds;
    const seconds = lanes.find(kind, direction, positionSeconds(), slack);
    if (seconds !== null) goTo(seconds * rate());
  }

  function goTo(frame: number | undefined): void {
    if (frame === undefined) return;
    player.seek(frame);
    viewport.follow(frame / rate());
  }
}

/**
 * Tab switches versions only where nothing else can be focused by it in a useful way: on the page itself and on the waveforms.
 * Everywhere else it moves the focus as usual; F6 and Shift+Tab lead out of the waveforms, so nobody is caught.
 */
export function mayTabSwitchVersion(focused: Element | null): boolean {
  return focused === null || focused === document.body || focused.hasAttribute('data-commands');
}
