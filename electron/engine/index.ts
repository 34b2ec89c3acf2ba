// Runs as Electron's utilityProcess; answers one ping until the engine moves in.
process.parentPort.on('message', (event) => {
  process.parentPort.postMessage({ pong: event.data as unknown });
});
