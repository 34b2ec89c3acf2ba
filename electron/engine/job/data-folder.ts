import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder in which Sotto keeps what must not lie beside exports. Nothing is created.
 * `SOTTO_DATA` names it directly; else it is the platform's place for application data.
 * @param environment  normally `process.env`
 * @param platform     normally `process.platform`
 * @see XDG Base Directory Specification, https://specifications.freedesktop.org/basedir-spec/
 */
export function dataFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const own = environment['SOTTO_DATA'];
  if (own !== undefined && own !== '') return own;
  if (platform === 'win32') {
    return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Sotto');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Sotto');
  const shared = environment['XDG_DATA_HOME'];
  // The specification says that a relative path is invalid and must be ignored.
  const base = shared?.startsWith('/') === true ? shared : join(homedir(), '.local', 'share');
  return join(base, 'sotto');
}
