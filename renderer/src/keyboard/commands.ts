/** Everything that has a key. */
export type CommandId =
  | 'play-stop'
  | 'go-start'
  | 'shuttle-back'
  | 'shuttle-stop'
  | 'shuttle-forward'
  | 'seek-back'
  | 'seek-forward'
  | 'seek-back-fine'
  | 'seek-forward-fine'
  | 'next-speech'
  | 'previous-speech'
  | 'next-pause'
  | 'previous-pause'
  | 'say-lanes'
  | 'loop'
  | 'hear-raw'
  | 'hear-result'
  | 'hear-live'
  | 'hear-preview'
  | 'live-on-off'
  | 'toggle-version'
  | 'select-start'
  | 'select-end'
  | 'go-selection-start'
  | 'go-selection-end'
  | 'select-none'
  | 'zoom-in'
  | 'zoom-normal'
  | 'zoom-out'
  | 'zoom-selection'
  | 'preview'
  | 'process-selected'
  | 'process-all'
  | 'cancel'
  | 'open-files'
  | 'open-folder'
  | 'next-pane'
  | 'previous-pane'
  | 'show-shortcuts';

/** Where a command stands in the list of shortcuts. */
export type CommandGroup = 'play' | 'select' | 'view' | 'work' | 'window';

/** One command with its keys. */
export interface Command {
  readonly id: CommandId;
  readonly group: CommandGroup;
  readonly title: string;
  /** tinykeys notation; `$mod` is Ctrl, on a Mac Cmd */
  readonly keys: readonly string[];
  /** whether holding the key down repeats it */
  readonly repeats?: true;
}

/** The one table of commands with their default keys. The list of shortcuts is drawn from it. */
export const commands: readonly Command[] = [
  { id: 'play-stop', group: 'play', title: 'Play or stop', keys: ['Space'] },
  { id: 'go-start', group: 'play', title: 'Go to start', keys: ['Home'] },
  { id: 'shuttle-back', group: 'play', title: 'Play backward, again for faster', keys: ['j'] },
  { id: 'shuttle-stop', group: 'play', title: 'Stop', keys: ['k'] },
  { id: 'shuttle-forward', group: 'play', title: 'Play forward, again for faster', keys: ['l'] },
  { id: 'seek-back', group: 'play', title: 'Back 1 second', keys: ['ArrowLeft'], repeats: true },
  { id: 'seek-forward', group: 'play', title: 'Forward 1 second', keys: ['ArrowRight'], repeats: true },
  { id: 'seek-back-fine', group: 'play', title: 'Back 10 ms', keys: [','], repeats: true },
  { id: 'seek-forward-fine', group: 'play', title: 'Forward 10 ms', keys: ['.'], repeats: true },
  { id: 'next-speech', group: 'play', title: 'Next speech', keys: ['n'], repeats: true },
  { id: 'previous-speech', group: 'play', title: 'Previous speech', keys: ['Shift+n'], repeats: true },
  { id: 'next-pause', group: 'play', title: 'Next pause', keys: ['p'], repeats: true },
  { id: 'previous-pause', group: 'play', title: 'Previous pause', keys: ['Shift+p'], repeats: true },
  { id: 'say-lanes', group: 'play', title: 'Say what the lanes show here', keys: ['v'] },
  { id: 'loop', group: 'play', title: 'Loop on or off', keys: ['$mod+l'] },
  { id: 'hear-raw', group: 'play', title: 'Hear raw', keys: ['a'] },
  { id: 'hear-result', group: 'play', title: 'Hear result', keys: ['b'] },
  { id: 'hear-live', group: 'play', title: 'Hear Enhance live', keys: ['c'] },
  { id: 'hear-preview', group: 'play', title: 'Hear preview', keys: ['d'] },
  { id: 'live-on-off', group: 'play', title: 'Live monitoring on or off', keys: ['Shift+c'] },
  {
    id: 'toggle-version',
    group: 'play',
    title: 'Switch raw and the other version (from the waveforms)',
    keys: ['Tab'],
  },
  { id: 'select-start', group: 'select', title: 'Selection starts here', keys: ['i'] },
  { id: 'select-end', group: 'select', title: 'Selection ends here', keys: ['o'] },
  { id: 'go-selection-start', group: 'select', title: 'Go to start of selection', keys: ['Shift+i'] },
  { id: 'go-selection-end', group: 'select', title: 'Go to end of selection', keys: ['Shift+o'] },
  { id: 'select-none', group: 'select', title: 'Clear selection', keys: ['$mod+Shift+a'] },
  { id: 'zoom-in', group: 'view', title: 'Zoom in', keys: ['$mod+1'], repeats: true },
  { id: 'zoom-normal', group: 'view', title: 'Show all', keys: ['$mod+2'] },
  { id: 'zoom-out', group: 'view', title: 'Zoom out', keys: ['$mod+3'], repeats: true },
  { id: 'zoom-selection', group: 'view', title: 'Zoom to selection', keys: ['$mod+e'] },
  { id: 'preview', group: 'work', title: 'Preview the selection, or cancel the preview', keys: ['Shift+d'] },
  {
    id: 'process-selected',
    group: 'work',
    title: 'Process and export this recording',
    keys: ['$mod+Shift+e'],
  },
  { id: 'process-all', group: 'work', title: 'Process and export all', keys: ['$mod+Shift+b'] },
  {
    id: 'cancel',
    group: 'work',
    title: 'Cancel preview, else clear selection, else cancel this recording',
    keys: ['Escape'],
  },
  { id: 'open-files', group: 'work', title: 'Open files', keys: ['$mod+o'] },
  { id: 'open-folder', group: 'work', title: 'Open folder', keys: ['$mod+Shift+o'] },
  { id: 'next-pane', group: 'window', title: 'Next part of the window', keys: ['F6'] },
  { id: 'previous-pane', group: 'window', title: 'Previous part of the window', keys: ['Shift+F6'] },
  { id: 'show-shortcuts', group: 'window', title: 'Keyboard shortcuts', keys: ['Shift+?'] },
];

const keyNames: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  'Shift+?': '?',
};

/**
 * @param keys   tinykeys notation
 * @param apple  whether `$mod` is Cmd
 * @returns the parts of the combination as they are printed on keys
 */
export function keyLabels(keys: string, apple: boolean): readonly string[] {
  const whole = keyNames[keys];
  if (whole !== undefined) return [whole];
  return keys.split('+').map((part) => {
    if (part === '$mod') return apple ? '⌘' : 'Ctrl';
    return keyNames[part] ?? (part.length === 1 ? part.toUpperCase() : part);
  });
}
