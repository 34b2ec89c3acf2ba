import { tinykeys } from 'tinykeys';
import { commands } from './commands.js';
import type { Command, CommandId } from './commands.js';
import { keepsKey } from './own-keys.js';

/** What a command does. `false` means that it does not apply now, so that the key keeps its usual meaning. */
export type CommandActions = Readonly<Record<CommandId, () => unknown>>;

/**
 * Listens for the keys of all commands.
 * @param target   usually the window
 * @param actions  one per command
 * @returns function that ends it
 */
export function bindCommands(target: Window | HTMLElement, actions: CommandActions): () => void {
  const bindings = Object.fromEntries(
    commands.flatMap((command) =>
      command.keys.map((keys) => [
        keys,
        (event: KeyboardEvent) => {
          perform(command, actions, event);
        },
      ]),
    ),
  );
  // Before anything on the page: a dialog that closes on Escape is then still there, and the key is known to be its own.
  return tinykeys(target, bindings, { capture: true });
}

function perform(command: Command, actions: CommandActions, event: KeyboardEvent): void {
  if (event.repeat && !command.repeats) return;
  // An open dialog owns the keyboard.
  if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
  const focused = document.activeElement === document.body ? null : document.activeElement;
  if (keepsKey(focused, event.code, event.ctrlKey || event.metaKey || event.altKey)) return;
  if (actions[command.id]() !== false) event.preventDefault();
}
