// node build/readme-figures.mjs: writes the measured tables into README.md, each from the JSON that a committed command wrote.
// With --check nothing is written; the exit code says whether README.md and the measurements agree.
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { say } from './say.mjs';

const readmePath = inRoot('README.md');
const readme = readFileSync(readmePath, 'utf8');
const filled = Object.entries({
  enhance: enhanceTable(readJson('native-models/enhance-conv-fsenet/evaluation.json')),
  demo: demoTable(readJson('native-models/enhance-conv-fsenet/demo-evaluation.json')),
  probes: probeTable(readJson('native-models/enhance-conv-fsenet/probe-evaluation.json')),
  bench: benchTable(readJson('build/figures/bench.json')),
}).reduce((text, [name, table]) => withBlock(text, name, table), readme);

if (!process.argv.includes('--check')) writeFileSync(readmePath, filled);
else if (filled !== readme) {
  say('Expected the figures in README.md to be those of the measurements, found others.');
  say('Run: node build/readme-figures.mjs');
  process.exitCode = 1;
}

/** @param {string} name the block between <!-- figures:name --> and <!-- /figures:name --> */
function withBlock(text, name, table) {
  const [start, end] = [`<!-- figures:${name} -->`, `<!-- /figures:${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`Expected ${start} and ${end} in README.md, found no such pair.`);
  return `${text.slice(0, from + start.length)}\n\n${table}\n\n${text.slice(to)}`;
}

function enhanceTable({ mixtureCount, speakerCount, noiseCount, snrsDb, systems }) {
  const interval = (value, digits) =>
    `${value.mean.toFixed(digits)} (${value.low.toFixed(digits)} to ${value.high.toFixed(digits)})`;
  const rows = systems.map(({ id, title, overall, work, realTimeFactor }) => [
    // What `--level` calls it.
    id.startsWith('sotto-') ? `${title} (\`${id.slice('sotto-'.length)}\`)` : title,
    interval(overall.pesq, 2),
    interval(overall.stoi, 3),
    interval(overall.siSdrImprovementDb, 1),
    interval(overall.dnsmosOverall, 2),
    work ? Math.round(work.macsPerFrame / 1000) : '',
    realTimeFactor === null ? '' : realTimeFactor.toFixed(4),
  ]);
  const heads = [
    '',
    'PESQ-WB',
    'STOI',
    'SI-SDR gain, dB',
    'DNSMOS',
    'thousand MACs a frame',
    'seconds per second, one core',
  ];
  const words = `${mixtureCount} mixtures at ${snrsDb[0]} to ${snrsDb.at(-1)} dB, ${speakerCount} speakers, ${noiseCount} noises.`;
  return `${words}\n\n${markdownTable(heads, rows)}`;
}

function demoTable({ recordings }) {
  const change = (name, digits) => (recording) =>
    `${recording.raw[name].toFixed(digits)} → ${recording.result[name].toFixed(digits)}`;
  const rows = recordings.map((recording) => [
    `\`${recording.file}\``,
    change('pesq', 2)(recording),
    change('stoi', 3)(recording),
    change('siSdrDb', 1)(recording),
    change('dnsmosOverall', 2)(recording),
  ]);
  return markdownTable(['raw → result', 'PESQ-WB', 'STOI', 'SI-SDR, dB', 'DNSMOS'], rows);
}

function probeTable({ probes, paper, recordings }) {
  const figure = (probe, id, name) => {
    const found = probes[probe].systems.find((system) => system.id === id)?.figures[name];
    return found === undefined ? '' : found.value.toFixed(2);
  };
  const ids = ['shipped', 'logits', 'untrained', 'log-mel', 'constant'];
  const row = (title, probe, name, other, published) => [
    title,
    ...ids.map((id) => figure(probe, id, name)),
    other,
    published,
  ];
  const heads = [
    `${recordings.test} recordings`,
    '200 bits, shipped',
    'logits',
    'untrained gates',
    'log-mel',
    'constant',
    'another tool',
    'paper',
  ];
  return markdownTable(heads, [
    row(
      'Speech, accuracy',
      'speech',
      'accuracy',
      `Silero ${figure('speech', 'silero', 'accuracy')}`,
      paper.speechAccuracy,
    ),
    row('Level against noise, R2', 'snr', 'r2Db', '', ''),
    row(
      'Kind of noise, balanced accuracy of 11',
      'noise',
      'balancedAccuracy',
      '',
      `${paper.noiseAccuracy} (accuracy)`,
    ),
    row('F0, R2 of log2', 'f0', 'r2Octaves', otherTracker(figure), paper.f0R2),
    row('Known kind of sound, balanced accuracy', 'domain', 'balancedAccuracy', '', ''),
  ]);
}

/** A tracker that made no labels; evaluations from before it was there name the one that did. */
function otherTracker(figure) {
  const yin = figure('f0', 'yin', 'r2Octaves');
  return yin === '' ? `SwiftF0 ${figure('f0', 'swift-f0', 'r2Octaves')}` : `YIN ${yin}`;
}

function benchTable({ jobs, machine }) {
  const rows = jobs.map((job) => [
    `${job.name}, ${Math.round(job.seconds / 60)} min of 48 kHz stereo`,
    `${Math.round(job.realTimeFactor)}x`,
    job.peakBytes === null ? '' : `${Math.round(job.peakBytes / 1e6)} MB`,
    job.timesPeer.toFixed(2),
  ]);
  const heads = [
    'job',
    'real time',
    'peak memory of the engine',
    'wall time / ffmpeg afftdn on the same file',
  ];
  return `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}.\n\n${markdownTable(heads, rows)}`;
}

function markdownTable(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function readJson(path) {
  return JSON.parse(readFileSync(inRoot(path), 'utf8'));
}
