import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkFile } from './checksum.mjs';
import { officialRelease } from './electron-releases.mjs';
import { unzip } from './unzip.mjs';

/** Without an answer in this time there is no way to the server; the fall-back should not wait for it. */
const secondsToAnswer = 6;
const secondsWithoutData = 30;

/**
 * Downloads and unpacks the official release into an empty folder.
 * @param {string} folder
 * @param {string} platform as in `linux-x64`
 * @param {(text: string) => void} detail
 * @throws when the server cannot be reached or sends something else
 */
export async function fetchOfficialElectron(folder, platform, detail) {
  const { version, sha256 } = officialRelease;
  const expected = sha256[platform];
  if (!expected) throw new Error(`Electron ${version} has no release for ${platform}.`);
  const archive = join(folder, 'electron.zip');
  const address = process.env.ELECTRON_MIRROR ?? officialRelease.address;
  await download(`${address}v${version}/electron-v${version}-${platform}.zip`, archive, detail);
  await checkFile(archive, 'sha256', 'hex', expected);
  detail('unpacking');
  await unzip(archive, join(folder, 'dist'));
}

async function download(url, path, detail) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), secondsToAnswer * 1000);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}.`);
    const totalMb = Math.round(Number(response.headers.get('content-length') ?? 0) / 1e6);
    let bytes = 0;
    const watch = async function* (source) {
      for await (const chunk of source) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), secondsWithoutData * 1000);
        bytes += chunk.length;
        detail(`${Math.round(bytes / 1e6)} of ${totalMb} MB`);
        yield chunk;
      }
    };
    await pipeline(response.body, watch, createWriteStream(path));
  } finally {
    clearTimeout(timer);
  }
}
