import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bindCommands } from './bind-commands.js';
import type { CommandActions } from './bind-commands.js';
import { commands } from './commands.js';

const actions = Object.fromEntries(
  commands.map((command) => [command.id, vi.fn()]),
) as unknown as CommandActions;
let end: () => void;

function press(key: string, code: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event;
}

beforeEach(() => {
  end = bindCommands(window, actions);
});

afterEach(() => {
  end();
  vi.clearAllMocks();
  document.body.innerHTML = '';
});

describe('bindCommands', () => {
  it('plays on Space and keeps the page from scrolling', () => {
    expect(press(' ', 'Space').defaultPrevented).toBe(true);
    expect(actions['play-stop']).toHaveBeenCalledOnce();
  });

  it('leaves single letters to a text field that has the focus, but not combinations', () => {
    document.body.innerHTML = '<input type="text" />';
    document.querySelector('input')?.focus();
    press('a', 'KeyA');
    expect(actions['hear-raw']).not.toHaveBeenCalled();
    press('E', 'KeyE', { ctrlKey: true, shiftKey: true });
    expect(actions['process-selected']).toHaveBeenCalledOnce();
  });

  it('leaves Space to a focused button and letters to the commands', () => {
    document.body.innerHTML = '<button>Go</button>';
    document.querySelector('button')?.focus();
    press(' ', 'Space');
    expect(actions['play-stop']).not.toHaveBeenCalled();
    press('b', 'KeyB');
    expect(actions['hear-result']).toHaveBeenCalledOnce();
  });

  it('leaves arrow keys to a slider, except to the waveforms', () => {
    document.body.innerHTML =
      '<div role="slider" tabindex="0"></div><div role="slider" tabindex="0" data-commands></div>';
    const [slider, waveforms] = document.querySelectorAll<HTMLElement>('div');
    slider?.focus();
    press('ArrowLeft', 'ArrowLeft');
    expect(actions['seek-back']).not.toHaveBeenCalled();
    waveforms?.focus();
    press('ArrowLeft', 'ArrowLeft');
    expect(actions['seek-back']).toHaveBeenCalledOnce();
  });

  it('leaves a key its usual meaning when the command does not apply', () => {
    vi.mocked(actions['toggle-version']).mockReturnValueOnce(false);
    expect(press('Tab', 'Tab').defaultPrevented).toBe(false);
    expect(press('Tab', 'Tab').defaultPrevented).toBe(true);
  });

  it('repeats seeking while a key is held, but not playing', () => {
    press(' ', 'Space', { repeat: true });
    press('ArrowRight', 'ArrowRight', { repeat: true });
    expect(actions['play-stop']).not.toHaveBeenCalled();
    expect(actions['seek-forward']).toHaveBeenCalledOnce();
  });

  it('is silent while a dialog is open', () => {
    document.body.innerHTML = '<div role="dialog"></div>';
    press(' ', 'Space');
    expect(actions['play-stop']).not.toHaveBeenCalled();
  });
});
