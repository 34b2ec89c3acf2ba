// Every public name of the engine and of the contract says what it is; types cannot tell units, shapes and ownership.
import { readFileSync } from 'node:fs';
import { inRoot } from '../paths.mjs';
import { listSources } from './list-sources.mjs';
import { findMissingDocComments } from './missing-doc-comments.mjs';
import { reportFindings } from './report-findings.mjs';

const sources = listSources(['electron/engine', 'electron/contract'], /(?<!\.test|\.fake|\.d)\.ts$/);
reportFindings(sources.flatMap((path) => findMissingDocComments(path, readFileSync(inRoot(path), 'utf8'))));
