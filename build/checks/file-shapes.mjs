// A file that does not fit the eye wants to be two, and its name says what its main export is.
import { readFileSync } from 'node:fs';
import { inRoot } from '../paths.mjs';
import { findShapeFaults } from './file-shape.mjs';
import { listSources } from './list-sources.mjs';
import { reportFindings } from './report-findings.mjs';

const sources = listSources(
  ['electron', 'renderer', 'e2e', 'build', 'native-models'],
  /\.(ts|svelte|mjs|js|py)$/,
);
reportFindings(sources.flatMap((path) => findShapeFaults(path, readFileSync(inRoot(path), 'utf8'))));
