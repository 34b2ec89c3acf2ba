import { isNoNoise } from '../../../electron/contract/lanes.js';

/** Colour of a kind of noise. */
export interface NoiseColor {
  /** `#rrggbb` */
  readonly fill: string;
  /** what stands on it, `#rrggbb`, 4.5:1 or better */
  readonly ink: string;
  /** the colour in words, for those who cannot tell it from another */
  readonly name: string;
}

const dark = '#101214';
const light = '#ffffff';

/**
 * Hues after Okabe & Ito, "Color Universal Design" (2008), paler for a dark window, and further ones that differ from them in lightness too: no two are alike to eyes
 * with red-green or blue-yellow blindness when they lie side by side.
 */
const palette: readonly NoiseColor[] = [
  { fill: '#cf9430', ink: dark, name: 'orange' },
  { fill: '#6bafd6', ink: dark, name: 'light blue' },
  { fill: '#2c9175', ink: dark, name: 'green' },
  { fill: '#ded65e', ink: dark, name: 'yellow' },
  { fill: '#3a68a3', ink: light, name: 'blue' },
  { fill: '#c9652a', ink: dark, name: 'red-orange' },
  { fill: '#c283a6', ink: dark, name: 'pink' },
  { fill: '#7d3157', ink: light, name: 'wine' },
  { fill: '#8a8040', ink: dark, name: 'olive' },
  { fill: '#cfd4da', ink: dark, name: 'white' },
];

/** Silence is no noise: it steps back. */
const silence: NoiseColor = { fill: '#3c444d', ink: light, name: 'grey' };

/** One colour per kind, the same in every recording, whatever the order of the labels in a table is. */
const kinds: readonly string[] = [
  'traffic',
  'rain',
  'wind',
  'babble',
  'water',
  'machine',
  'transport',
  'animals',
  'office',
  'crackle',
];

/**
 * @param label  name of a kind as the probes give it; a kind nobody has named here takes a colour by its index
 * @param index  of the label among the labels of the recording
 */
export function noiseColor(label: string, index: number): NoiseColor {
  if (isNoNoise(label)) return silence;
  const words = label.toLowerCase();
  const known = kinds.findIndex((kind) => words.includes(kind));
  return palette[(known === -1 ? index : known) % palette.length] ?? silence;
}
