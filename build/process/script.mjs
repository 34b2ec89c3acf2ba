import { oldestNode } from '../paths.mjs';
import { endChildrenWithParent } from './children.mjs';

/**
 * Runs a developer script: an expected failure is a message, not a stack.
 * @param {() => Promise<number>} work gives the exit code
 */
export async function runScript(work) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    process.stderr.write(`Expected Node ${oldestNode.join('.')} or newer, found ${process.versions.node}.\n`);
    process.exit(1);
  }
  endChildrenWithParent();
  try {
    process.exitCode = await work();
  } catch (error) {
    process.stderr.write(`\n${process.env.SOTTO_DEBUG ? error.stack : error.message}\n`);
    process.exitCode = 1;
  }
}
