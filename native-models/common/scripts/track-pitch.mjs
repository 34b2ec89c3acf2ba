// The product's own F0 tracker over raw float32 files, for judge_pitch.py.
//
//     node track-pitch.mjs LIST.json [COSTS.json]
//
// LIST.json: [{"input": FILE.f32, "output": FILE.f32, "sampleRateHz": 16000}, ...], mono. Each output holds float32 pairs, F0 in Hz
// (0: unvoiced) and strength, 100 frames a second. Prints {"seconds": of sound, "cpuSeconds": of tracking}.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..', '..', '..');
const [listFile, costsFile] = process.argv.slice(2);
// Beside the packages, so that what stays external is found.
const folder = mkdtempSync(join(root, 'node_modules', '.pitch-'));
try {
  const entry = join(root, 'electron', 'engine', 'dsp', 'pitch-tracker.ts');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const words = ['build', '--logLevel', 'error', '--ssr', entry, '--outDir', folder];
  execFileSync(process.execPath, [vite, ...words], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const { PitchTracker } = await import(pathToFileURL(join(folder, 'pitch-tracker.js')).href);
  const costs = costsFile === undefined ? {} : JSON.parse(readFileSync(costsFile, 'utf8'));
  let seconds = 0;
  const began = process.cpuUsage();
  for (const { input, output, sampleRateHz } of JSON.parse(readFileSync(listFile, 'utf8'))) {
    const bytes = readFileSync(input);
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const values = [];
    const sink = (f0Hz, strength) => values.push(f0Hz, strength);
    const tracker = await PitchTracker.open(sampleRateHz, 1, costs);
    for (let at = 0; at < samples.length; at += 16_384) tracker.push([samples.subarray(at, at + 16_384)], sink);
    tracker.finish(sink);
    tracker.close();
    writeFileSync(output, Buffer.from(Float32Array.from(values).buffer));
    seconds += samples.length / sampleRateHz;
  }
  const { user, system } = process.cpuUsage(began);
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 }));
} finally {
  rmSync(folder, { recursive: true });
}
