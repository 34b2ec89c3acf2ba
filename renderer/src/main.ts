import './api/validation-setup.js';
import { mount } from 'svelte';
import { AppError } from '../../electron/contract/app-error.js';
import App from './App.svelte';
import { createApiClient, windowApi } from './api/client.js';
import { createAudioOutput } from './player/audio-output.js';
import { Studio } from './state/studio.svelte.js';
import './styles/theme.css';
import { words } from './text/words.js';

const target = document.getElementById('app');
if (!target) throw new Error('Expected an element with id "app" in index.html, found none.');
try {
  mount(App, { target, props: { studio: new Studio(createApiClient(windowApi()), createAudioOutput) } });
} catch (error) {
  // Nothing else can be shown any more; an empty window would say nothing at all.
  target.textContent = words.startFailed(AppError.from(error).message);
  throw error;
}
