import { isLinux } from '../paths.mjs';
import { endChild, startChild } from './children.mjs';

/** A 1280-pixel screen gives a page of 1279: leave room around the window. */
const screen = '1600x1000x24';
const secondsToStart = 15;

/** Whether a window can be opened here. */
export function hasDisplay() {
  return !isLinux || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/**
 * A display of our own that nobody sees, so that tests neither disturb a desktop nor depend on one.
 * @returns {Promise<{ environment: Record<string, string>, close: () => Promise<void> }>}
 * @throws when Xvfb is missing or does not come up
 */
export async function openHiddenDisplay() {
  if (!isLinux) return { environment: {}, close: async () => {} };
  const server = startChild('Xvfb', ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`Xvfb did not come up within ${secondsToStart} s.`)),
      secondsToStart * 1000,
    );
    const settle = (how, value) => {
      clearTimeout(late);
      how(value);
    };
    server.once('error', (error) =>
      settle(reject, new Error(`Expected Xvfb, could not start it: ${error.message}. Run "npm run setup".`)),
    );
    server.once('exit', (code) =>
      settle(reject, new Error(`Xvfb ended with code ${code} before it was ready.`)),
    );
    server.stdio[3]?.once('data', (data) => settle(resolve, String(data).trim()));
  });
  return {
    environment: { DISPLAY: `:${number}`, WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: 'x11' },
    close: () => endChild(server),
  };
}
