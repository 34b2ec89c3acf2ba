import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../contract/app-error.js';
import { modelManifestSchema, type CheckedFile, type ModelManifest } from './model-manifest.js';
import type { WeightsFile } from './weights-file.js';

/** A manifest with the folder it was found in. */
export interface InstalledModel {
  readonly manifest: ModelManifest;
  readonly folder: string;
}

/** One level of one model, ready to be opened. */
export interface LevelFile {
  readonly manifest: ModelManifest;
  readonly level: string;
  /** absolute path of the weights; whether it exists and matches `sha256` is checked when it is opened */
  readonly file: string;
  readonly sha256: string;
}

/** Where a model's probes lie. */
export interface ProbesFile {
  /** absolute path; whether it exists and matches `sha256` is checked when it is read */
  readonly file: string;
  readonly sha256: string;
  readonly level: string;
}

/**
 * The folder that holds one folder per model: the argument, else `SOTTO_MODELS`, else the nearest `native-models` above the
 * running code. The last one fits a checkout (`out/main`, or the sources under test) and a packaged app (`resources`) alike.
 * @returns absolute path; where nothing is found, the place beside the code where it was missed: a catalogue says so when a
 *          model is asked for, and everything that needs no model still runs
 */
export function modelsRoot(folder = process.env['SOTTO_MODELS']): string {
  if (folder !== undefined && folder !== '') return resolve(folder);
  const start = dirname(fileURLToPath(import.meta.url));
  for (let parent = start; parent !== dirname(parent); parent = dirname(parent)) {
    const candidate = join(parent, 'native-models');
    if (existsSync(candidate)) return candidate;
  }
  return join(start, 'native-models');
}

/**
 * The models of one folder. A folder whose `model.json` cannot be used does not take the others down: it is left out, and
 * every refusal names it.
 */
export class ModelCatalogue {
  readonly #models: readonly InstalledModel[];
  /** why a folder was left out, one sentence each */
  readonly problems: readonly string[];

  private constructor(models: readonly InstalledModel[], problems: readonly string[]) {
    this.#models = models;
    this.problems = problems;
  }

  /** @param root  see {@link modelsRoot}; a folder that does not exist is an empty catalogue with one problem */
  static read(root: string): ModelCatalogue {
    if (!existsSync(root)) {
      const problem = `The models' folder ${root} does not exist; install Sotto again, or name the folder in SOTTO_MODELS.`;
      return new ModelCatalogue([], [problem]);
    }
    const models: InstalledModel[] = [];
    const problems: string[] = [];
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'model.json')))
      .map((entry) => join(root, entry.name))
      .sort();
    for (const folder of folders) {
      const found = readManifest(folder);
      if (typeof found === 'string') problems.push(found);
      else if (models.some(({ manifest }) => manifest.id === found.id)) {
        problems.push(`${folder}: the id "${found.id}" is already taken by another model.`);
      } else models.push({ manifest: found, folder });
    }
    return new ModelCatalogue(models, problems);
  }

  /** @returns every usable manifest, by folder name */
  list(): readonly ModelManifest[] {
    return this.#models.map(({ manifest }) => manifest);
  }

  /**
   * @returns the first model that serves `stage` and has `level`
   * @throws AppError MODEL_NOT_FOUND, naming the levels there are
   */
  find(stage: string, level: string): ModelManifest {
    const serving = this.list().filter((manifest) => manifest.stage === stage);
    const match = serving.find(({ levels }) => levels.some(({ id }) => id === level));
    if (match) return match;
    const found = serving.flatMap(({ id, levels }) => levels.map((known) => `${known.id} (${id})`));
    throw this.#notFound(
      `Expected a model for "${stage}" at level "${level}", found ${found.length > 0 ? found.join(', ') : 'none'}. ` +
        'Choose one of those; "models list" shows them.',
    );
  }

  /** @throws AppError MODEL_NOT_FOUND when there is no such model or level, or its path leaves the model's folder */
  levelFile(id: string, level: string): LevelFile {
    const model = this.#models.find(({ manifest }) => manifest.id === id);
    const entry = model?.manifest.levels.find((known) => known.id === level);
    if (!model || !entry) {
      const found = this.list().map((manifest) => manifest.id);
      throw this.#notFound(
        `Expected model "${id}" at level "${level}", found ${model ? 'the model without that level' : found.join(', ') || 'no models'}. ` +
          '"models list" shows what is installed.',
      );
    }
    const file = this.#inside(model, entry.file, 'weights');
    return { manifest: model.manifest, level, file, sha256: entry.sha256 };
  }

  /**
   * @param named  a file that the manifest of the model names
   * @returns where it lies; whether it exists and matches is checked when it is read
   * @throws AppError MODEL_NOT_FOUND when there is no such model, or the path leaves its folder
   */
  checkedFile(id: string, named: CheckedFile): WeightsFile {
    const model = this.#models.find(({ manifest }) => manifest.id === id);
    if (!model) {
      throw this.#notFound(
        `Expected model "${id}", found no such model. "models list" shows what is installed.`,
      );
    }
    return { file: this.#inside(model, named.file, named.file), sha256: named.sha256 };
  }

  /**
   * @param named  a graph that the manifest of the model names beside its levels; its name without the extension stands for the level
   * @throws AppError as {@link checkedFile}
   */
  graphBeside(id: string, named: CheckedFile): LevelFile {
    const { file, sha256 } = this.checkedFile(id, named);
    const { manifest } = this.#models.find((model) => model.manifest.id === id)!;
    return { manifest, level: parse(named.file).name, file, sha256 };
  }

  /** @throws AppError MODEL_NOT_FOUND when there is no such model, it has no probes, or their path leaves its folder */
  probesFile(id: string): ProbesFile {
    const model = this.#models.find(({ manifest }) => manifest.id === id);
    const probes = model?.manifest.probes;
    if (!model || !probes) {
      throw this.#notFound(
        `Expected probes of model "${id}", found ${model ? 'the model without any' : 'no such model'}. ` +
          '"models list" shows what is installed.',
      );
    }
    const file = this.#inside(model, probes.file, 'probes');
    return { file, sha256: probes.sha256, level: probes.level };
  }

  #inside({ manifest, folder }: InstalledModel, name: string, what: string): string {
    const file = resolve(folder, name);
    if (file.startsWith(folder + sep)) return file;
    throw this.#notFound(
      `Expected the ${what} of "${manifest.id}" inside ${folder}, found ${name}. Correct its model.json.`,
    );
  }

  #notFound(message: string): AppError {
    const also = this.problems.length > 0 ? ` Left out: ${this.problems.join(' ')}` : '';
    return new AppError('MODEL_NOT_FOUND', message + also, { problems: this.problems });
  }
}

/** @returns the manifest in `folder`, or one sentence that says what is wrong with it */
function readManifest(folder: string): ModelManifest | string {
  try {
    const parsed = modelManifestSchema.safeParse(
      JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as unknown,
    );
    if (parsed.success) return parsed.data;
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return `${join(folder, 'model.json')} is not a model manifest (${issues.join('; ')}).`;
  } catch (error) {
    return `${join(folder, 'model.json')} cannot be read (${error instanceof Error ? error.message : String(error)}).`;
  }
}
