import type { Command } from 'commander';
import { AppError } from '../contract/app-error.js';
import { voiceSettingsSchema } from '../contract/chain.js';
import { voiceModelIds } from '../contract/model-list.js';
import type { CodedClarity } from '../engine/codes/coded-run.js';
import { encodeRecording } from '../engine/codes/encode-recording.js';
import { openInput } from '../engine/io/reading/open-input.js';
import { findVoiceModels } from '../engine/voice/voice-models.js';
import { expectReference } from '../engine/voice/voice-reference.js';
import type { Action } from './action.js';
import { runCodes, type CodesWork } from './codes-run.js';
import { oneOf } from './one-of.js';
import { somePath } from './some-path.js';

const examples = `
Examples:
  sotto encode interview.wav -o interview.codes
      what was said, in 450 bit/s; "decode" speaks it in another voice
  sotto encode interview.wav -o interview.codes --clarity balanced --overwrite
      in 900 bit/s: keeps more of how it was said, and some of who said it
  sotto encode interview.wav -o interview.codes --level voice-codes=edge --json
      what was done as one JSON document
  sotto encode interview.wav -o interview.codes --speaker interview.spk
      also writes the speaker's voice, to a file of its own; "decode --voice interview.spk" speaks with it

A .codes file holds codes, their number and the sample rate: no name, no time, no pitch. The words, the pace and the pauses are in it.
A .spk file is the speaker's voice: with it the speaker is recognisable, and anything can be said in that voice. It is written only when
you ask for it. Keep it apart from the codes, and share it only with whoever may know who speaks.
It can be decoded only with the models it was encoded with, which do not come with this version yet: until then this says so.
Exit codes: 0 done, 1 the recording or the result made trouble, 2 wrong usage or no model that can encode, 130 interrupted.`;

/** The options as commander gives them: what was not said is not there. */
interface SaidOptions {
  readonly output: string;
  readonly clarity?: string;
  readonly level?: string;
  readonly speaker?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Adds `encode`: a recording to a file of voice codes. */
export function addEncodeCommand(program: Command, choose: (action: Action) => void): void {
  program
    .command('encode')
    .description('what was said as codes in a small file, which "decode" speaks in another voice')
    .argument('<file>', 'a recording', somePath)
    .requiredOption('-o, --output <file.codes>', 'the file of codes', somePath)
    .option('--clarity <strict|balanced>', 'how much is kept of how it was said; strict keeps least')
    .option('--level <model=level>', 'compression level of the encoder, see "models list"')
    .option('--speaker <file.spk>', "also write the speaker's own voice, which tells who it is", somePath)
    .option('--overwrite', 'replace an earlier result')
    .option('--json', 'print one JSON document (sotto.codes/1)')
    .addHelpText('after', examples)
    .action((input: string, { output, overwrite = false, json = false, ...said }: SaidOptions) => {
      choose((context) => {
        const clarity = clarityOf(said.clarity ?? 'strict');
        const level = levelOf(said.level);
        const models = context.models();
        const { speaker } = said;
        const options = { input, output, speaker, overwrite, json };
        const open = async (path: string): Promise<CodesWork> => {
          // First: which models would be needed for a recording that is not there helps nobody.
          await (await openInput(path)).close();
          const { synthesis } = findVoiceModels(models, level);
          if (speaker !== undefined) expectReference(synthesis);
          return (request) => encodeRecording({ ...request, clarity, level }, models);
        };
        return runCodes(options, '.codes', open, context);
      });
    });
}

function clarityOf(text: string): CodedClarity {
  const clarity = oneOf('--clarity', text, ['strict', 'balanced', 'clear']);
  if (clarity !== 'clear') return clarity;
  const message =
    'Expected --clarity strict or balanced; found clear, which lets through what no code holds. Use "sanitize" for it.';
  throw new AppError('INVALID_ARGUMENT', message);
}

/** The level that `sanitize` takes too, where none is said. */
function levelOf(text: string | undefined): string {
  if (text === undefined) return voiceSettingsSchema.parse({ mode: 'neutral' }).level;
  const [, id, level] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (id === voiceModelIds.codes && level !== undefined) return level;
  throw new AppError('INVALID_ARGUMENT', `Expected --level ${voiceModelIds.codes}=LEVEL; found "${text}".`);
}
