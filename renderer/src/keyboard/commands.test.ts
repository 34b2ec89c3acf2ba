import { describe, expect, it } from 'vitest';
import { commands, keyLabels } from './commands.js';

describe('commands', () => {
  it('gives no combination of keys to two commands', () => {
    const keys = commands.flatMap((command) => command.keys.map((key) => key.toLowerCase()));
    expect(keys).toHaveLength(new Set(keys).size);
  });

  it('lists every command once, with a title of its own', () => {
    expect(new Set(commands.map((command) => command.id)).size).toBe(commands.length);
    expect(new Set(commands.map((command) => command.title)).size).toBe(commands.length);
  });

  it('prints combinations as they stand on the keys', () => {
    expect(keyLabels('$mod+Shift+e', false)).toEqual(['Ctrl', 'Shift', 'E']);
    expect(keyLabels('$mod+l', true)).toEqual(['⌘', 'L']);
    expect(keyLabels('Shift+?', false)).toEqual(['?']);
  });
});
