import { z } from 'zod';

// The content policy forbids `eval`. Without this, zod probes for it once and the browser logs a violation.
// Imported before any schema is built, so that no schema is compiled the fast way.
z.config({ jitless: true });
