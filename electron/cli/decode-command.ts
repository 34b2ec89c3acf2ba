import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../contract/app-error.js';
import type { CodedPitch } from '../engine/codes/code-melody.js';
import { decodeCodes } from '../engine/codes/decode-codes.js';
import { openCodes } from '../engine/codes/open-codes.js';
import { openSpeaker } from '../engine/codes/open-speaker.js';
import type { Action } from './action.js';
import { runCodes, speakerEnding, type CodesWork } from './codes-run.js';
import { oneOf } from './one-of.js';
import { somePath } from './some-path.js';

const examples = `
Examples:
  sotto decode interview.codes -o interview.wav --voice random --pitch flat
      the words in a voice that is drawn for this file and kept nowhere, on one pitch
  sotto decode interview.codes -o interview.wav --voice neutral --overwrite
      in the one voice for all, with a melody of its own
  sotto decode interview.codes -o interview.wav --voice neutral --pitch flat --json
      what was done as one JSON document
  sotto decode interview.codes -o interview.wav --voice interview.spk --pitch template
      again in the speaker's own voice, which "encode --speaker" wrote: no protection of identity, the speaker stays
      recognisable; only how it was said is filtered

The result is WAV, 16 bit, mono, at the rate and of the length of the recording that was encoded. It needs the models of the
encoding, which do not come with this version yet: until then this says so.
Codes hold no pitch: --pitch natural is for "sanitize", which hears the recording itself.
Exit codes: 0 done, 1 the codes or the result made trouble, 2 wrong usage or no model that can speak, 130 interrupted.`;

/** The options as commander gives them: what was not said is not there. */
interface SaidOptions {
  readonly output: string;
  readonly voice: string;
  readonly pitch: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Adds `decode`: a file of voice codes to sound. */
export function addDecodeCommand(program: Command, choose: (action: Action) => void): void {
  program
    .command('decode')
    .description('what "encode" wrote, spoken in another voice, or in one that was kept')
    .argument('<file.codes>', 'a file that "encode" wrote', somePath)
    .requiredOption('-o, --output <file.wav>', 'the sound', somePath)
    .requiredOption(
      '--voice <random|neutral|file.spk>',
      "random: a new voice in every file; neutral: always the same; a .spk file: the speaker's own, recognisable",
    )
    .option('--pitch <flat|template>', 'flat keeps one pitch, template is a melody of its own', 'template')
    .option('--overwrite', 'replace an earlier result')
    .option('--json', 'print one JSON document (sotto.codes/1)')
    .addHelpText('after', examples)
    .action((input: string, { output, overwrite = false, json = false, ...said }: SaidOptions) => {
      choose((context) => {
        const word = voiceOf(said.voice);
        const pitch = pitchOf(said.pitch);
        const models = context.models();
        const options = { input, output, overwrite, json };
        const open = async (path: string): Promise<CodesWork> => {
          const codes = await openCodes(path, models);
          const voice = word ?? (await openSpeaker(resolve(said.voice), codes.found.synthesis));
          return (request) => decodeCodes({ ...request, voice, pitch, codes }, models);
        };
        return runCodes(options, '.wav', open, context);
      });
    });
}

/** @returns null for a file of a speaker's voice */
function voiceOf(text: string): 'random' | 'neutral' | null {
  if (text === 'random' || text === 'neutral') return text;
  if (extname(text).toLowerCase() === speakerEnding) return null;
  const message = `Expected --voice random | neutral, or a file that ends in ${speakerEnding}; found "${text}".`;
  const kept = 'Codes do not hold the voice: "encode --speaker" writes it to a file of its own.';
  throw new AppError('INVALID_ARGUMENT', text === 'keep' ? `${message} ${kept}` : message);
}

function pitchOf(text: string): CodedPitch {
  const pitch = oneOf('--pitch', text, ['flat', 'template', 'natural']);
  if (pitch !== 'natural') return pitch;
  const message =
    'Expected --pitch flat or template; found natural, but codes hold no pitch. "sanitize --voice random" follows that of a recording.';
  throw new AppError('INVALID_ARGUMENT', message);
}
