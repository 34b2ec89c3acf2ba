// Builds what the tests of running programs need, unless it is there.
import { ensureBundle } from '../setup/bundle.mjs';

await ensureBundle();
