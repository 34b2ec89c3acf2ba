import { afterEach, describe, expect, it } from 'vitest';
import { mayTabSwitchVersion } from './app-commands.js';
import { focusPane } from './keyboard/panes.js';

afterEach(() => {
  document.body.innerHTML = '';
});

describe('Tab and F6', () => {
  it('lets Tab switch versions on the page and on the waveforms, and move the focus everywhere else', () => {
    document.body.innerHTML = '<div tabindex="0" data-commands></div><button>Play</button>';
    expect(mayTabSwitchVersion(document.body)).toBe(true);
    expect(mayTabSwitchVersion(null)).toBe(true);
    expect(mayTabSwitchVersion(document.querySelector('[data-commands]'))).toBe(true);
    expect(mayTabSwitchVersion(document.querySelector('button'))).toBe(false);
  });

  it('leads out of the waveforms in both directions with F6', () => {
    document.body.innerHTML = `
      <section data-pane><button id="add">Add</button><button id="queue" aria-current="true">Row</button></section>
      <section data-pane><div id="waves" tabindex="0" data-commands></div></section>
      <section data-pane><p>nothing to focus</p></section>
      <section data-pane><button disabled>Off</button><button id="last">Last</button></section>`;
    const focused = () => document.activeElement?.id;
    document.querySelector<HTMLElement>('#waves')?.focus();
    focusPane(1);
    expect(focused()).toBe('last');
    focusPane(1);
    expect(focused()).toBe('queue');
    focusPane(-1);
    expect(focused()).toBe('last');
    focusPane(-1);
    expect(focused()).toBe('waves');
  });
});
