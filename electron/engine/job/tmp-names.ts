import { join } from 'node:path';
export function nameOutputs(r: {
  folder: string;
  files: { input: string; extension: string }[];
}): Promise<string[]> {
  return Promise.resolve(
    r.files.map((f, i) => join(r.folder, `sanitised-${String(i + 1).padStart(3, '0')}.${f.extension}`)),
  );
}
