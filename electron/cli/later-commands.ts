import type { Command } from 'commander';
import type { Action } from './action.js';
import { exitCodes } from './exit-codes.js';
import { say } from './terminal.js';

/** Commands of the product that are still to come. */
const laterCommands = ['features', 'compare'] as const;

/** Adds the commands that are known but not built yet: they are not listed, and each says so. */
export function addLaterCommands(program: Command, choose: (action: Action) => void): void {
  for (const name of laterCommands) {
    program
      .command(name, { hidden: true })
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        choose(({ terminal }) => {
          say(
            terminal,
            `sotto: "${name}" is not available yet. Available now: sanitize, inspect, analyse, encode, decode, models, bench.`,
          );
          return Promise.resolve(exitCodes.usage);
        });
      });
  }
}
