const startedAt = Date.now();
const secondsBetweenSigns = 15;

let out = process.stdout;

/** Leaves standard output to the program that is being prepared. */
export function sayOnStandardError() {
  out = process.stderr;
}

/** @param {string} line */
export function say(line) {
  out.write(`${line}\n`);
}

/** @param {number} since milliseconds, as Date.now() gives them */
export function secondsSince(since = startedAt) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Says that a step begins, that it still runs, and how long it took.
 * @template Result
 * @param {string} title
 * @param {(detail: (text: string) => void) => Promise<Result>} work `detail` replaces the sign of life, e.g. "120 of 190 MB"
 */
export async function step(title, work) {
  const since = Date.now();
  let detail = '';
  say(`- ${title}`);
  const sign = setInterval(
    () => say(`  ${title}: ${secondsSince(since)}${detail && `, ${detail}`}`),
    secondsBetweenSigns * 1000,
  );
  try {
    const result = await work((text) => (detail = text));
    say(`  ${title}: took ${secondsSince(since)}`);
    return result;
  } finally {
    clearInterval(sign);
  }
}

/** The end of a long text, for a reader who wants to know why it failed. */
export function tail(text, lines = 60) {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
