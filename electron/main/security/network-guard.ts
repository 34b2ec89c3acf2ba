import type { Session } from 'electron';
import { appScheme } from '../../contract/media.js';
import { unreachableProxy } from './chromium-switches.js';

/**
 * @param url       of a request that the session is about to make
 * @param devTools  whether the developer tools' own pages may load
 * @returns whether it stays on this machine
 */
export function staysInside(url: string, devTools: boolean): boolean {
  if (url.startsWith(`${appScheme}://app/`)) return true;
  // Both carry their content in themselves or in this process.
  if (url.startsWith('data:') || url.startsWith(`blob:${appScheme}://app/`)) return true;
  return devTools && url.startsWith('devtools://');
}

/**
 * Cuts a session off the network, three times over: every request that is not the app's own is cancelled before it starts,
 * the proxy leads nowhere, and no certificate is accepted.
 */
export async function guardNetwork(
  session: Session,
  options: { readonly devTools: boolean; readonly log: (message: string) => void },
): Promise<void> {
  session.webRequest.onBeforeRequest((details, decide) => {
    const allowed = staysInside(details.url, options.devTools);
    if (!allowed) options.log(`network: refused a ${details.resourceType} request`);
    decide({ cancel: !allowed });
  });
  // -2 tells Chromium to refuse.
  session.setCertificateVerifyProc((_request, decide) => {
    decide(-2);
  });
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  await session.setProxy({
    mode: 'fixed_servers',
    proxyRules: unreachableProxy,
    proxyBypassRules: '<-loopback>',
  });
}
