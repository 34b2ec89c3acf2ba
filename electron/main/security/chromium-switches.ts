import { app } from 'electron';

/** Features of Chromium that would talk to its makers' servers on their own. */
const disabledFeatures = [
  'AsyncDns',
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'DnsOverHttps',
  'InterestFeedContentSuggestions',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'SpareRendererForSitePerProcess',
  'Translate',
  // WebRTC would announce names for its addresses by multicast.
  'WebRtcHideLocalIpsWithMdns',
];

/** A host that no name leads to: Chromium answers every look-up itself, without asking a server. */
const noHost = '~NOTFOUND';

/**
 * Stops Chromium's own background networking. Must run before Electron is ready.
 * What remains is refused by the network guard; together nothing leaves the machine.
 */
export function forbidBackgroundNetworking(): void {
  const line = app.commandLine;
  for (const name of [
    'disable-background-networking',
    'disable-breakpad',
    'disable-client-side-phishing-detection',
    'disable-component-update',
    'disable-crash-reporter',
    'disable-default-apps',
    'disable-domain-reliability',
    'disable-sync',
    'dns-prefetch-disable',
    'no-pings',
    'no-first-run',
  ]) {
    line.appendSwitch(name);
  }
  line.appendSwitch('host-resolver-rules', `MAP * ${noHost}`);
  line.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp');
  line.appendSwitch('proxy-server', unreachableProxy);
  const given = line.getSwitchValue('disable-features');
  line.appendSwitch('disable-features', [given, ...disabledFeatures].filter((name) => name !== '').join(','));
}

/** A proxy on this machine's discard port: refused at once, and no name is ever looked up for what goes through it. */
export const unreachableProxy = 'socks5://127.0.0.1:9';
