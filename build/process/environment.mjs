import { homedir } from 'node:os';

/**
 * The environment for the programs these scripts start. npm hands its own settings down as variables, and some of
 * them (global, omit, dry-run, ...) would change what an inner npm does; NODE_ENV=production would change what a test sees.
 * @param {Record<string, string | undefined>} [additions]
 * @returns {NodeJS.ProcessEnv}
 */
export function innerEnvironment(additions = {}) {
  const inner = { ...process.env };
  for (const name of Object.keys(inner)) {
    if (
      /^npm_config_(global|location|omit|include|only|production|dry_run|loglevel|prefix|workspace.*)$/i.test(
        name,
      )
    )
      delete inner[name];
  }
  delete inner.NODE_ENV;
  inner.HOME ??= homedir();
  return { ...inner, ...additions };
}
