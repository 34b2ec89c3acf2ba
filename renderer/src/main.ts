import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('Expected an element with id "app" in index.html, found none.');
mount(App, { target });
