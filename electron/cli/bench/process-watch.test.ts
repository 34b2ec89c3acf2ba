import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchProcess } from './process-watch.js';

describe('watchProcess', () => {
  it.runIf(process.platform === 'linux')(
    'sees the memory and the processor time of a process and its child',
    async () => {
      // The child holds 150 MB for a second; the parent itself stays small.
      const child =
        'const b = Buffer.alloc(150e6, 1); const t = Date.now(); while (Date.now() - t < 1000) b[0]++;';
      const parent = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(child)}])`;
      const process_ = spawn(process.execPath, ['-e', parent], { stdio: 'ignore' });
      const use = await watchProcess(process_.pid ?? 0, once(process_, 'close'));
      expect(use.peakBytes).toBeGreaterThan(10e6);
      expect(use.peakBytes).toBeLessThan(150e6);
      expect(use.peakTreeBytes).toBeGreaterThan(150e6);
      expect(use.cpuSeconds).toBeGreaterThan(0.05);
    },
  );
});
