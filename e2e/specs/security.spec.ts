import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { processTree, socketsOf, staysOnThisMachine } from '../fixtures/processes.js';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';

test('the page is sandboxed and isolated and sees nothing of Node', async ({ app }) => {
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    return contents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
  const seen = await app.page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in globalThis),
    api: Object.keys((globalThis as unknown as { api: object }).api).sort(),
    isolated: globalThis.crossOriginIsolated,
    origin: globalThis.origin,
  }));
  expect(seen).toEqual({
    node: [],
    api: ['on', 'pathOf', 'request'],
    isolated: true,
    origin: 'sotto://app',
  });
});

test('nothing of the page reaches a network, by whatever way', async ({ app }) => {
  const outcomes = await app.page.evaluate(async () => {
    const fails = async (attempt: () => Promise<unknown>): Promise<string> =>
      await attempt().then(
        () => 'reached',
        () => 'refused',
      );
    const loads = async (tag: 'img' | 'script' | 'iframe' | 'link', url: string): Promise<unknown> =>
      await new Promise((resolve, reject) => {
        const element = document.createElement(tag);
        element.addEventListener('load', resolve);
        element.addEventListener('error', reject);
        element.setAttribute(tag === 'link' ? 'href' : 'src', url);
        if (tag === 'link') element.setAttribute('rel', 'stylesheet');
        document.body.append(element);
        setTimeout(reject, 1500);
      });
    for (const rel of ['dns-prefetch', 'preconnect', 'prefetch']) {
      const link = document.createElement('link');
      link.rel = rel;
      link.href = 'https://prefetch.example.org/';
      document.head.append(link);
    }
    const xhr = async (url: string): Promise<unknown> =>
      await new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.addEventListener('load', resolve);
        request.addEventListener('error', reject);
        request.open('GET', url);
        request.send();
      });
    const socket = async (url: string): Promise<unknown> =>
      await new Promise((resolve, reject) => {
        const opened = new WebSocket(url);
        opened.addEventListener('open', resolve);
        opened.addEventListener('error', reject);
      });
    return {
      fetch: await fails(async () => await fetch('https://example.org/')),
      fetchByAddress: await fails(async () => await fetch('http://198.51.100.7/', { mode: 'no-cors' })),
      fetchFile: await fails(async () => await fetch('file:///etc/hostname')),
      xhr: await fails(async () => await xhr('http://example.org/')),
      webSocket: await fails(async () => await socket('wss://example.org/')),
      image: await fails(async () => await loads('img', 'https://example.org/x.png')),
      script: await fails(async () => await loads('script', 'https://example.org/x.js')),
      style: await fails(async () => await loads('link', 'https://example.org/x.css')),
      beacon: navigator.sendBeacon('https://example.org/') ? 'queued' : 'refused',
    };
  });
  expect(new Set(Object.values(outcomes))).toEqual(new Set(['refused', 'queued']));
  expect(outcomes.beacon).toMatch(/queued|refused/);
});

test('the session itself refuses the network, even without the content policy', async ({ app }) => {
  const outcomes = await app.electron.evaluate(async ({ session, net }) => {
    const studio = session.fromPartition('studio');
    const attempt = async (work: () => Promise<unknown>): Promise<string> =>
      await work().then(
        () => 'reached',
        (error: unknown) => String(error),
      );
    return {
      studio: await attempt(async () => await studio.fetch('https://example.org/')),
      fallback: await attempt(async () => await session.defaultSession.fetch('http://198.51.100.7/')),
      main: await attempt(async () => await net.fetch('https://example.org/')),
      resolve: await attempt(async () => await studio.resolveHost('example.org')),
      proxy: await studio.resolveProxy('https://example.org/'),
    };
  });
  expect(outcomes.studio).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(outcomes.fallback).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(outcomes.main).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(outcomes.resolve).toContain('ERR_NAME_NOT_RESOLVED');
  expect(outcomes.proxy).toBe('SOCKS5 127.0.0.1:9');
});

test('WebRTC, which goes around requests and proxies, finds no way out either', async ({ app }) => {
  const server = createSocket('udp4');
  let packets = 0;
  server.on('message', () => (packets += 1));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  try {
    const candidates = await app.page.evaluate(async (port) => {
      const urls = ['198.51.100.7:3478', `127.0.0.1:${String(port)}`].map((host) => `stun:${host}`);
      const peer = new RTCPeerConnection({ iceServers: [{ urls }] });
      const found: string[] = [];
      const complete = new Promise<void>((resolve) => {
        peer.addEventListener('icecandidate', ({ candidate }) => {
          if (candidate === null) resolve();
          else found.push(candidate.candidate);
        });
      });
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
      await complete;
      peer.close();
      return found;
    }, server.address().port);
    expect(candidates).toEqual([]);
    expect(packets).toBe(0);
  } finally {
    server.close();
  }
});

test('no process of the app holds a socket that leads off this machine, at rest and at work', async ({
  app,
}) => {
  test.skip(process.platform !== 'linux', 'reads /proc');
  const path = join(app.places.recordings, 'socket.wav');
  await writeRecording(path, { seconds: 20, channels: 2 });
  await app.studio.drop([path]);
  await app.studio.isIn('socket.wav', 'ready');
  await app.studio.processAll.click();
  const seen: string[] = [];
  for (let done = false; !done;) {
    const foreign = socketsOf(processTree(app.mainPid())).filter((socket) => !staysOnThisMachine(socket));
    seen.push(...foreign.map((socket) => JSON.stringify(socket)));
    done = (await app.studio.row('socket.wav').getAttribute('data-state')) === 'done';
  }
  expect(seen).toEqual([]);
});

test('the page cannot leave, open windows, embed pages, ask for permissions or run text as code', async ({
  app,
}) => {
  const { electron, page } = app;
  const before = page.url();
  const outcomes = await page.evaluate(async () => {
    const permissions: string[] = [];
    for (const name of ['camera', 'geolocation', 'microphone', 'midi', 'notifications'] as PermissionName[]) {
      permissions.push((await navigator.permissions.query({ name })).state);
    }
    const policy: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => policy.push(event.effectiveDirective));
    const inline = document.createElement('script');
    inline.textContent = 'globalThis.inlineRan = true';
    document.body.append(inline);
    const frame = document.createElement('iframe');
    frame.src = 'sotto://app/';
    document.body.append(frame);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return {
      window: globalThis.open('https://example.org/'),
      permissions: [...new Set(permissions)],
      notification: await Notification.requestPermission(),
      inlineRan: 'inlineRan' in globalThis,
      policy: policy.map((directive) => directive.replace(/-(elem|attr)$/, '')),
    };
  });
  expect(outcomes).toMatchObject({
    window: null,
    permissions: ['denied'],
    notification: 'denied',
    inlineRan: false,
  });
  expect(outcomes.policy).toEqual(expect.arrayContaining(['script-src', 'frame-src']));
  for (const url of [
    'https://example.org/',
    'file:///etc/hostname',
    'sotto://app/assets/',
    'data:text/html,x',
  ]) {
    await page.evaluate((to) => {
      globalThis.location.href = to;
    }, url);
  }
  await page.waitForTimeout(300);
  expect(page.url()).toBe(before);
  expect(electron.windows()).toHaveLength(1);
});

test('only the opened recordings can be read, and only by ranges that are there', async ({ app }) => {
  const path = join(app.places.recordings, 'ranges.wav');
  const frames = await writeRecording(path, { seconds: 2 });
  await app.studio.drop([path]);
  await app.studio.isIn('ranges.wav', 'ready');
  const outcomes = await app.page.evaluate(async (copyBytes) => {
    const { api } = globalThis as unknown as {
      api: { request(name: string, input: unknown): Promise<unknown> };
    };
    const { value } = (await api.request('app:state', {})) as {
      value: { opened: { files: { fileId: string }[] } };
    };
    const fileId = value.opened.files[0]?.fileId ?? '';
    const raw = `/media/${fileId}/raw.pcm`;
    const get = async (url: string, range?: string): Promise<[number, number, string | null]> => {
      const response = await fetch(url, { headers: range === undefined ? {} : { range } });
      return [
        response.status,
        (await response.arrayBuffer()).byteLength,
        response.headers.get('content-range'),
      ];
    };
    return {
      part: await get(raw, 'bytes=4000-7999'),
      tail: await get(raw, 'bytes=-400'),
      behind: await get(raw, `bytes=${String(copyBytes)}-`),
      whole: await get(raw),
      noResult: (await get(`/media/${fileId}/result.pcm`))[0],
      otherKind: (await get(`/media/${fileId}/settings.json`))[0],
      otherId: (await get('/media/nobody/raw.pcm'))[0],
      upward: (await get('/..%2f..%2fpackage.json'))[0],
      post: (await fetch(raw, { method: 'POST' })).status,
      forged: await api.request('files:add', { paths: ['/etc/passwd'] }),
      unknown: await api.request('app:quit', {}),
      scriptPolicy: await fetch(document.scripts[0]?.src ?? '').then((response) =>
        response.headers.get('content-security-policy'),
      ),
      malformed: await api.request('job:start', {
        fileId,
        settings: { chain: { enhance: { strength: 9 } } },
      }),
    };
  }, frames * 4);
  const size = frames * 4;
  expect(outcomes.part).toEqual([206, 4000, `bytes 4000-7999/${String(size)}`]);
  expect(outcomes.tail).toEqual([
    206,
    400,
    `bytes ${String(size - 400)}-${String(size - 1)}/${String(size)}`,
  ]);
  expect(outcomes.behind).toEqual([416, 0, `bytes */${String(size)}`]);
  expect(outcomes.whole).toEqual([200, size, null]);
  expect(outcomes).toMatchObject({ noResult: 404, otherKind: 404, otherId: 404, upward: 403, post: 405 });
  expect(outcomes.forged).toMatchObject({
    value: { files: [], rejected: [{ error: { code: 'INVALID_ARGUMENT' } }] },
  });
  // A worker takes its policy from its own script.
  expect(outcomes.scriptPolicy).toContain("default-src 'none'");
  expect(outcomes.unknown).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENT' } });
  expect(outcomes.malformed).toMatchObject({
    ok: false,
    error: { code: 'INVALID_ARGUMENT', details: { path: 'job:start.settings.chain.enhance.strength' } },
  });
});
