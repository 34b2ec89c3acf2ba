import { utilityProcess } from 'electron';
import type { EngineChild } from './engine-child.js';

/**
 * Starts the engine as Electron's utility process.
 * @param script  absolute path of the built engine
 * @param data    the app's data folder, where the engine keeps which neutral name belongs to which recording
 * @param log     receives what the engine prints, as it comes
 */
export function forkEngine(script: string, data: string, log: (text: string) => void): EngineChild {
  const child = utilityProcess.fork(script, [], {
    serviceName: 'Sotto engine',
    stdio: 'pipe',
    // The last: ONNX Runtime reads it from the process, before the engine's own code has a say.
    env: { ...process.env, SOTTO_DATA: data, ORT_DISABLE_TELEMETRY: '1' },
  });
  // Without a reader the pipes fill up and the engine stands still.
  child.stdout?.on('data', (chunk: Buffer) => {
    log(chunk.toString().trimEnd());
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    log(chunk.toString().trimEnd());
  });
  let pid: number | null = null;
  child.once('spawn', () => {
    pid = child.pid ?? null;
  });
  return {
    get pid() {
      return pid;
    },
    post: (message) => {
      child.postMessage(message);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      child.once('exit', (code) => {
        listener(`exit code ${String(code)}`);
      });
    },
    terminate: () => {
      child.kill();
    },
    kill: () => {
      if (pid !== null) process.kill(pid, 'SIGKILL');
    },
  };
}
