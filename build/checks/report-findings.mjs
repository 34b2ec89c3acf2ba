/** Prints what a check found, one line each; anything at all is a failure. */
export function reportFindings(findings) {
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
