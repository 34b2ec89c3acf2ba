import type { ModelList } from '../../contract/model-list.js';
import type { ModelHost } from '../models/model-host.js';

/** @returns the installed models and their levels, as `models list --json` prints them */
export function modelList(models: ModelHost): ModelList {
  return {
    schema: 'sotto.models/1',
    models: models.list().map(({ id, stage, title, licence, levels }) => ({
      id,
      stage,
      title,
      licence,
      levels: levels.map((level) => ({
        id: level.id,
        sizeBytes: level.sizeBytes,
        sha256: level.sha256,
        ...(level.title === undefined ? {} : { title: level.title }),
        ...(level.gates === undefined ? {} : { gates: level.gates }),
        ...(level.macsPerFrame === undefined ? {} : { macsPerFrame: level.macsPerFrame }),
      })),
    })),
  };
}
