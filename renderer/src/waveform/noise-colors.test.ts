import { describe, expect, it } from 'vitest';
import { noiseLabels as labels } from '../preview-lanes.fake.js';
import { noiseColor } from './noise-colors.js';

/** WCAG 2.2, 1.4.3: text. */
const smallestTextContrast = 4.5;

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('noiseColor', () => {
  it('gives every kind a colour and a name of its own', () => {
    const colors = labels.map(noiseColor);
    expect(new Set(colors.map(({ fill }) => fill)).size).toBe(labels.length);
    expect(new Set(colors.map(({ name }) => name)).size).toBe(labels.length);
  });

  it('keeps the colour of a kind whatever its place among the labels is', () => {
    for (const label of labels) expect(noiseColor(label, 7)).toEqual(noiseColor(label, 0));
  });

  it('gives a kind that nobody has named here a colour too', () => {
    expect(noiseColor('vuvuzela', 3).fill).toMatch(/^#/);
    expect(noiseColor('vuvuzela', 300).fill).toMatch(/^#/);
  });

  it('lets the name on a band be read', () => {
    for (const [at, label] of labels.entries()) {
      const { fill, ink } = noiseColor(label, at);
      const [light, dark] = [luminance(fill), luminance(ink)].sort((one, other) => other - one);
      const contrast = ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
      expect(contrast, label).toBeGreaterThanOrEqual(smallestTextContrast);
    }
  });
});
