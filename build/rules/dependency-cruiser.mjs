// Who may import whom: the path of a file says in which runtime it may run, and these rules prove it.
import { packagePattern, packagesOfRooms, packagesOfTests } from './packages.mjs';

/** Every room; a source outside of them has no runtime. */
const rooms = '^(electron/(contract|preload|main|engine|cli)|renderer/src)/';
const test = '\\.(test|fake)\\.ts$';
const core = { dependencyTypes: ['core'] };

/** A rule for product code: tests may reach further. */
function forbid(name, comment, from, to) {
  return { name, severity: 'error', comment, from: { pathNot: test, ...from }, to };
}

/** The rooms within a room that has packages of its own. */
function innerRooms(room) {
  return Object.keys(packagesOfRooms).filter((other) => other.startsWith(`${room}/`));
}

const packageRules = Object.entries(packagesOfRooms).flatMap(([room, names]) => {
  const within = { path: `^${room}/` };
  const inner = innerRooms(room).map((other) => `^${other}/`);
  const name = `packages-of-${room.split('/').at(-1) === 'src' ? 'renderer' : room.split('/').at(-1)}`;
  const packages = { dependencyTypesNot: ['triple-slash-type-reference'], path: '(^|/)node_modules/' };
  return [
    forbid(
      name,
      `A package that nobody classified for ${room}: see build/rules/packages.mjs.`,
      { ...within, pathNot: [test, ...inner] },
      { ...packages, pathNot: packagePattern(names) },
    ),
    {
      ...forbid(
        `${name}-in-tests`,
        `A package that nobody classified for the tests of ${room}.`,
        {},
        {
          ...packages,
          pathNot: packagePattern([...names, ...packagesOfTests]),
        },
      ),
      from: { path: `^${room}/.*${test}`, ...(inner.length > 0 && { pathNot: inner }) },
    },
  ];
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbid(
      'contract-knows-only-itself',
      'The contract imports only itself and the schema library.',
      { path: '^electron/contract/' },
      {
        path: '^(electron|renderer|build|e2e)/',
        pathNot: '^electron/contract/',
      },
    ),
    forbid(
      'contract-without-node',
      'The contract runs in every process: no Node.',
      { path: '^electron/contract/' },
      core,
    ),

    forbid(
      'renderer-sees-only-contract',
      'The renderer sees of the rest only the contract.',
      { path: '^renderer/', pathNot: '^renderer/src/player/' },
      {
        path: '^(electron|build|e2e)/',
        pathNot: '^electron/contract/',
      },
    ),
    forbid(
      'player-hears-only-the-frame-kernel',
      'Live monitoring computes in the audio thread: the player sees the contract and the frame kernel.',
      { path: '^renderer/src/player/' },
      {
        path: '^(electron|build|e2e)/',
        pathNot: '^electron/(contract|engine/frame-kernel)/',
      },
    ),
    forbid(
      'renderer-without-node',
      'The renderer is a sandboxed page: no Node.',
      { path: '^renderer/' },
      core,
    ),
    forbid(
      'ui-knows-no-application',
      'ui/ are plain components: no api, state or features.',
      { path: '^renderer/src/ui/' },
      {
        path: '^renderer/src/(api|state|features)/',
      },
    ),
    forbid(
      'features-are-neighbours',
      'A feature does not import another.',
      { path: '^renderer/src/features/([^/]+)/' },
      {
        path: '^renderer/src/features/',
        pathNot: '^renderer/src/features/$1/',
      },
    ),
    forbid(
      'one-door-to-wavesurfer',
      'Only the adapter knows wavesurfer.',
      { path: '^renderer/', pathNot: 'src/waveform/wavesurfer-adapter\\.ts$' },
      {
        path: '(^|/)node_modules/wavesurfer\\.js',
      },
    ),

    forbid(
      'window-side-without-engine',
      'Main and preload talk to the engine by messages only.',
      { path: '^electron/(main|preload)/' },
      {
        path: '^electron/(engine|cli)/',
      },
    ),
    forbid(
      'preload-knows-only-contract',
      'The preload exposes the contract and nothing else.',
      { path: '^electron/preload/' },
      {
        path: '^(electron|renderer)/',
        pathNot: '^electron/(contract|preload)/',
      },
    ),
    forbid(
      'main-without-renderer',
      'Main loads the built page; it imports none of it.',
      { path: '^electron/main/' },
      { path: '^renderer/' },
    ),

    forbid(
      'engine-stands-alone',
      'The engine imports only itself and the contract.',
      { path: '^electron/engine/' },
      {
        path: '^(electron/(main|preload|cli)|renderer|build|e2e)/',
      },
    ),
    forbid(
      'engine-without-electron',
      'The engine runs under plain Node.',
      { path: '^electron/(engine|cli)/' },
      {
        path: '(^|/)node_modules/electron/',
      },
    ),
    forbid(
      'cli-without-window',
      'The command line runs without a window.',
      { path: '^electron/cli/' },
      {
        path: '^(electron/(main|preload)|renderer)/',
      },
    ),
    forbid(
      'dsp-is-arithmetic',
      'dsp/ is arithmetic on typed arrays: it knows no other folder of the engine.',
      { path: '^electron/engine/dsp/' },
      {
        path: '^electron/',
        pathNot: '^electron/(engine/dsp|contract)/',
      },
    ),
    forbid(
      'dsp-without-node',
      'dsp/ is arithmetic on typed arrays: no files, no processes.',
      { path: '^electron/engine/dsp/' },
      core,
    ),
    forbid(
      'frame-kernel-knows-only-dsp',
      'The frame kernel runs in the audio thread of the window too: itself and arithmetic, nothing else.',
      { path: '^electron/engine/frame-kernel/' },
      {
        path: '^electron/',
        pathNot: '^electron/engine/(frame-kernel|dsp)/',
      },
    ),
    forbid(
      'frame-kernel-without-node',
      'The frame kernel runs in the audio thread of the window too: no Node.',
      { path: '^electron/engine/frame-kernel/' },
      core,
    ),
    forbid(
      'voice-serves-stage-and-codes',
      'What the voice stage and the files of codes share knows neither of them, nor jobs and files: models and arithmetic.',
      { path: '^electron/engine/voice/' },
      {
        path: '^electron/',
        pathNot: '^electron/(engine/(voice|models|dsp)|contract)/',
      },
    ),
    forbid(
      'processors-are-neighbours',
      'A processor does not know its neighbour.',
      { path: '^electron/engine/processors/([^/]+)/' },
      {
        path: '^electron/engine/processors/[^/]+/',
        pathNot: '^electron/engine/processors/$1/',
      },
    ),
    forbid(
      'one-door-to-onnx',
      'Only models/ort.ts knows ONNX Runtime.',
      { path: '^electron/', pathNot: [test, '^electron/engine/models/ort\\.ts$'] },
      {
        path: '(^|/)node_modules/onnxruntime-',
      },
    ),

    forbid(
      'product-without-tests',
      'Product code never imports tests, fakes or developer scripts.',
      { path: '^(electron|renderer)/' },
      {
        path: [test, '^(build|e2e)/'],
      },
    ),
    {
      name: 'in-a-room',
      severity: 'error',
      comment: 'Every source lies in a room.',
      from: { path: '^(electron|renderer)/', pathNot: rooms },
      to: {},
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'What needs each other belongs together.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['\\?(worker|url|raw|inline)', '^electron/engine/frame-kernel/assembly/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.svelte.ts', '.svelte', '.js', '.mjs', '.d.ts', '.json'],
    },
  },
};
