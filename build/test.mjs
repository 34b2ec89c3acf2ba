// npm test: prepares, then runs every check and every suite, and says at the end what failed.
// node build/test.mjs GROUP... [-- ARGUMENTS]: only those groups; a single suite takes arguments of its own.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';
import { runScript } from './process/script.mjs';
import { say, secondsSince, step as saidStep, tail } from './say.mjs';
import { prepare } from './setup/prepare.mjs';
import { ensurePythonEnvironment } from './setup/python-environment.mjs';
import { runStep } from './testing/run-step.mjs';
import { buildStep, staticGroups, steps } from './testing/steps.mjs';

const shownLines = 150;

const [groupWords, extraArguments] = splitArguments(process.argv.slice(2));

await runScript(async () => {
  const wanted = selectSteps(groupWords);
  const needs = new Set(wanted.map((step) => step.needs));
  await prepare({ window: false, tests: needs.has('display'), bundle: false });
  const blocked = new Map();
  if (needs.has('display'))
    await attempt('display', blocked, () => prepare({ window: true, tests: true, bundle: false }));
  const python = needs.has('python') && (await attempt('python', blocked, ensurePythonEnvironment));
  const runnable = wanted.filter((step) => step.needs !== 'python' || python !== false);
  if (needs.has('bundle') || needs.has('display')) runnable.unshift(buildStep);

  const live = wanted.length === 1;
  const results = [];
  const run = async (step) => {
    const result = await saidStep(step.title, async (detail) => {
      const obstacle = blocked.get(step.needs);
      if (obstacle) return failure(obstacle);
      return runStep(step, { extraArguments, live, detail }).catch((error) => failure(error.message));
    });
    if (!result.ok) sayFailure(step, result.output);
    results.push({ step, ...result });
  };
  // The checks only read; the suites measure time and open windows, so each has the machine to itself.
  await runTogether(runnable.filter(isStatic), Math.min(2, availableParallelism()), run);
  await runTogether(
    runnable.filter((step) => !isStatic(step)),
    1,
    run,
  );
  return report(results);
});

/** Shows the end of a failed step's output; all of it lies in out/test/. */
function sayFailure({ title }, output) {
  say(`FAILED: ${title}\n${tail(output, shownLines)}`);
  if (output.split('\n').length <= shownLines) return;
  const path = join('out', 'test', `${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.log`);
  writeFileSync(inRoot(path), output);
  say(`(all of it: ${path})`);
}

/** A preparation that fails is the failure of the steps that need it; the others run all the same. */
async function attempt(need, blocked, work) {
  try {
    return await work();
  } catch (error) {
    blocked.set(need, error.message);
    return undefined;
  }
}

function failure(output) {
  return { ok: false, output, counts: { passed: 0, failed: 1, skipped: 0, failures: [] } };
}

function isStatic(step) {
  return staticGroups.includes(step.group);
}

function splitArguments(words) {
  const at = words.findIndex((word) => !steps.some(({ group }) => group === word) && word !== 'static');
  const rest = at < 0 ? [] : words.slice(at);
  return [at < 0 ? words : words.slice(0, at), rest[0] === '--' ? rest.slice(1) : rest];
}

function selectSteps(words) {
  const groups = words.flatMap((word) => (word === 'static' ? staticGroups : [word]));
  return groups.length === 0 ? steps : steps.filter(({ group }) => groups.includes(group));
}

async function runTogether(queue, atOnce, run) {
  const waiting = [...queue];
  const lane = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await run(step);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

function report(results) {
  const sum = (name) => results.reduce((total, { counts }) => total + counts[name], 0);
  const failing = results.filter(({ ok }) => !ok).map(({ step }) => step.title);
  say('');
  if (failing.length > 0) say(`Failing: ${failing.join(', ')}`);
  for (const failure of results.flatMap(({ counts }) => counts.failures)) say(`  ${failure}`);
  if (sum('skipped') > 0) say(`Skipped: ${sum('skipped')}`);
  say(`Took ${secondsSince()}`);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  return failing.length > 0 ? 1 : 0;
}
