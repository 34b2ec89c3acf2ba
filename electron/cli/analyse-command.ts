import type { Command } from 'commander';
import { AppError } from '../contract/app-error.js';
import type { Action } from './action.js';
import { runAnalyse } from './analyse-run.js';
import { somePath, somePaths } from './some-path.js';

const examples = `
Examples:
  sotto analyse interview.wav              minutes of speech, noises, SNR and pitch, in words
  sotto analyse interview.wav --json       every frame of every lane as one JSON document
  sotto analyse recordings/ --json lanes.json
      the same for every recording in a folder, into a file whose name ends in .json; a word behind --json with another
      ending is a recording, and the document is printed

Lanes: speech 0 to 1, F0 in Hz where a voice sounds, SNR in dB, index of the noise kind; null where nothing can be said, as in silence or
music. Frame t describes the sound around t * frameSeconds; n samples have ceil(n / hop) + 1 frames.
Events: the list stays empty until there is a detector for them; empty does not say that nothing happened.
Exit codes: 0 all read, 1 at least one file could not be read, 2 wrong usage or no model that can tell, 130 interrupted.`;

/** Adds `analyse`: what is heard in recordings, frame by frame. */
export function addAnalyseCommand(program: Command, choose: (action: Action) => void): void {
  program
    .command('analyse')
    .description(
      'speech, SNR and, as far as the installed net can tell them, kind of noise and pitch over time; nothing is changed',
    )
    .argument('[files or folders...]', 'recordings, or folders of recordings', somePaths)
    .option('--json [file]', 'one JSON document (sotto.lanes/1), printed or into a file *.json', somePath)
    .addHelpText('after', examples)
    .action(
      (said: string[] | undefined, { json = null }: { json?: string | true | null }, command: Command) => {
        const { paths, json: place } = placed(said ?? [], json, command);
        if (paths.length === 0) command.error("error: missing required argument 'files or folders'");
        choose((context) => runAnalyse({ paths, json: place }, context));
      },
    );
}

/**
 * `--json a.wav b.wav` asks for two recordings on the screen, not for the document in place of the first: only a word that ends
 * in .json, or follows an equals sign, names the document.
 */
function placed(
  paths: readonly string[],
  json: string | true | null,
  command: Command,
): { paths: readonly string[]; json: string | true | null } {
  if (typeof json !== 'string') return { paths, json };
  const words = command.parent?.args ?? [];
  if (words.includes(`--json=${json}`)) return { paths, json: named(json) };
  if (json.toLowerCase().endsWith('.json')) return { paths, json };
  const before = words.indexOf('--json') - words.indexOf('analyse') - 1;
  return { paths: [...paths.slice(0, before), json, ...paths.slice(before)], json: true };
}

function named(file: string): string {
  if (file.toLowerCase().endsWith('.json')) return file;
  const message = `Expected --json to name a file that ends in .json; found "${file}". Name another file.`;
  throw new AppError('INVALID_ARGUMENT', message);
}
