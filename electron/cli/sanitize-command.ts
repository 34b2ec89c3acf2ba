import { InvalidArgumentError, Option, type Command } from 'commander';
import { outputFormatSchema } from '../contract/audio-format.js';
import { shippedPresets } from './presets.js';
import type { SanitizeOptions } from './sanitize-run.js';
import { somePath, somePaths } from './some-path.js';

/** The options as commander gives them: what was not said is not there. */
type SaidOptions = Omit<SanitizeOptions, 'level' | 'overwrite' | 'jobs' | 'json'> &
  Partial<Pick<SanitizeOptions, 'level' | 'overwrite' | 'jobs' | 'json'>>;

const examples = `
Examples:
  sotto sanitize interview.wav --out clean
      clean one recording; the result is clean/sanitised-001.wav
  sotto sanitize recordings/ --out clean --json report.json
      every recording in a folder; the internal report names the sources
  sotto sanitize field.flac --out clean --preset passthrough --format wav24
      no stage: the same samples in a new container that carries nothing else
  sotto sanitize *.mp3 --out clean --enhance 0.6 --jobs 2 --overwrite
      a gentler strength, two files at once, replacing what has the results' names already, whoever's it is
  sotto sanitize talk.wav --out clean --level enhance-conv-fsenet=phi25
      a smaller net; "sotto models list" shows them all
  sotto sanitize memo.flac --out clean --voice disguise
      clean, then move the voice's resonances; another voice at every run. Disguise, not protection: who has
      this tool can still tell the speaker. "--preset disguise" does it without cleaning first
  sotto sanitize call.wav --out clean --voice random --pitch flat --clarity strict
      clean, then say the same words in another voice on one pitch; "--preset whistleblower" is the same
  sotto sanitize talk.wav --out clean --voice neutral --clarity clear --level voice-codes=edge
      one voice for every file; keeps more of how it was said, also of who said it
  sotto sanitize memo.flac --out clean --voice keep --pitch flat --clarity strict
      the same words through the codes and again in the speaker's own voice: filters how it was said, such as
      emotion. Without --pitch flat or template the melody is the speaker's own, and tells much of that.
      The speaker stays recognisable; it is no protection of identity

Another voice: --voice random draws one for each export and keeps it nowhere, neutral takes the same for all. The words stay, with the
language, the pace and the pauses, and nothing above 12 kHz does. Several people get one voice. How much that protects has not been
measured yet, and the models for it do not come with this version: random, neutral, keep and whistleblower say so and write nothing.

Exit codes: 0 all done, 1 at least one file failed, 2 wrong usage, 130 interrupted.
Stages to come: --separate, --stems; presets interview, field-recording, bystanders.`;

/**
 * Adds `sanitize` to the program.
 * @param action  runs with everything that was said; values are checked there, so that one place words all refusals
 */
export function addSanitizeCommand(
  program: Command,
  action: (paths: string[], options: SanitizeOptions) => void,
): void {
  program
    .command('sanitize')
    .description('sanitise recordings: decode, clean, write new files that carry nothing else, prove it')
    .argument('<files or folders...>', 'recordings, or folders of recordings', somePaths)
    .requiredOption('--out <folder>', 'folder for the results; created when missing', somePath)
    .option('--preset <id|file.json>', `${shippedPresets.join(', ')}, or a preset file`, 'clean-only')
    .option('--enhance <strength|off>', 'strength of noise reduction, 0 to 1; overrides the preset')
    .option('--separate <off>', 'later: speech or background alone')
    .option(
      '--voice <off|random|neutral|keep|disguise>',
      "random, neutral: the words in another voice, where its models are installed; keep: in the speaker's own, which stays recognisable: " +
        'no protection of identity; disguise: disguise, not protection',
    )
    .option(
      '--alpha <alpha>',
      'of the disguise: 0.5 (far) to 0.9 (near), or random: another one for each file',
    )
    .option(
      '--pitch <natural|flat|template>',
      'of another voice, or of keep: natural follows the recording, flat keeps one pitch, template is a melody of its own. With keep ' +
        "natural is the speaker's own melody, unchanged: flat or template takes it away",
    )
    .option(
      '--clarity <strict|balanced|clear>',
      'of another voice, or of keep: how much is kept of how it was said, and with it of who said it; strict keeps least',
    )
    .addOption(new Option('--stems <folder>').hideHelp())
    .option(
      '--level <model=level>',
      'compression level of one model, see "models list"; repeatable',
      collect,
      [],
    )
    .option('--format <format>', `${outputFormatSchema.options.join(', ')}; overrides the preset`)
    .option('--names <policy>', 'neutral (sanitised-001 ...) or source (may give people away)')
    .option('--overwrite', 'replace earlier results, neutral names from 001 on, whosever they were')
    .option('--jobs <n>', 'files at once; default: one for each core, as memory allows', wholeNumber)
    .option('--json <file>', 'write the internal report, which names the sources', somePath)
    .addHelpText('after', examples)
    .action((paths: string[], said: SaidOptions) => {
      const { level = [], overwrite = false, jobs = null, json = null, ...others } = said;
      action(paths, { ...others, level, overwrite, jobs, json });
    });
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}
