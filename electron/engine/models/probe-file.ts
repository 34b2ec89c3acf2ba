import { AppError } from '../../contract/app-error.js';
import type { ModelCatalogue } from './manifests.js';
import { probeTableSchema, type ProbeTable } from './probe-table.js';
import { readChecked } from './weights-file.js';

/**
 * Reads the probes of a model and makes sure that they were fitted on the very weights that are installed.
 * @throws AppError MODEL_NOT_FOUND when the model has none; MODEL_CHECKSUM_MISMATCH when the file was changed, or belongs to other
 *   weights; MODEL_FAILED when it is no probe table
 */
export async function readProbes(catalogue: ModelCatalogue, id: string): Promise<ProbeTable> {
  const { file, sha256, level } = catalogue.probesFile(id);
  const weights = catalogue.levelFile(id, level);
  const table = parsed(await readChecked({ file, sha256 }, 'probes'), file);
  if (table.sha256 === weights.sha256 && table.level === level) return table;
  throw new AppError(
    'MODEL_CHECKSUM_MISMATCH',
    `Expected probes fitted on "${level}" with SHA-256 ${weights.sha256}, found probes of "${table.level}" with ${table.sha256} ` +
      `in ${file}. They would read other masks: restore the model's folder.`,
    { file, expected: weights.sha256, found: table.sha256 },
  );
}

function parsed(bytes: Buffer, file: string): ProbeTable {
  const result = probeTableSchema.safeParse(json(bytes));
  const problem = result.success ? misfit(result.data) : result.error.issues.map(issueWords).join('; ');
  if (result.success && problem === null) return result.data;
  throw new AppError(
    'MODEL_FAILED',
    `Expected a probe table in ${file}, found another content (${problem ?? 'unknown'}). Restore the model's folder.`,
    { file },
  );
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    // What is no JSON fails the schema, whose message names the file.
    return String(error);
  }
}

function issueWords({ path, message }: { path: PropertyKey[]; message: string }): string {
  return `${path.map(String).join('.')}: ${message}`;
}

/** @returns what does not fit together, or null */
function misfit({ speech, voiced, f0, snr, domain, noise }: ProbeTable): string | null {
  for (const [name, { bits, weights }] of Object.entries({ speech, voiced, f0, snr, domain })) {
    if (bits.length !== weights.length) return `${name}: ${bits.length} bits, ${weights.length} weights`;
  }
  const { labels, bits, weights, bias } = noise;
  if (weights.length !== labels.length || bias.length !== labels.length) {
    return `noise: ${labels.length} labels, ${weights.length} rows of weights, ${bias.length} biases`;
  }
  return weights.every((row) => row.length === bits.length)
    ? null
    : `noise: a row with another count than ${bits.length} bits`;
}
