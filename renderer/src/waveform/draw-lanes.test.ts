import { describe, expect, it } from 'vitest';
import { drawLanes } from './draw-lanes.js';
import { heightOf, laneRowsWithout, pitchShare, snrShare } from './lane-layout.js';
import type { LaneTrack } from './lane-layout.js';
import { makeLaneColumns } from './lane-values.js';
import type { LaneColumns } from './lane-values.js';
import { noiseColor } from './noise-colors.js';

const noiseLabels = ['rain', 'traffic'];
const laneRows = laneRowsWithout([]);
const style = {
  ground: 'ground',
  line: 'line',
  dim: 'dim',
  speech: 'speech',
  speechFill: 'speech fill',
  speechGhost: 'speech ghost',
  pitch: 'pitch',
  pitchGhost: 'pitch ghost',
  snr: 'snr',
  fontFamily: 'sans-serif',
};
const glyphPx = 6;

interface Mark {
  readonly fill: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text?: string;
}

/** Draws on a canvas that only remembers. */
function draw(columns: LaneColumns, rows = laneRows): readonly Mark[] {
  const marks: Mark[] = [];
  let path: Omit<Mark, 'fill'>[] = [];
  const context = {
    fillStyle: '',
    font: '',
    textBaseline: '',
    measureText: (text: string) => ({ width: text.length * glyphPx }),
    fillRect(x: number, y: number, width: number, height: number) {
      marks.push({ fill: context.fillStyle, x, y, width, height });
    },
    fillText(text: string, x: number, y: number) {
      marks.push({ fill: context.fillStyle, x, y, width: 0, height: 0, text });
    },
    beginPath() {
      path = [];
    },
    rect(x: number, y: number, width: number, height: number) {
      path.push({ x, y, width, height });
    },
    fill() {
      marks.push(...path.map((part) => ({ ...part, fill: context.fillStyle })));
    },
  };
  drawLanes(context as unknown as CanvasRenderingContext2D, {
    rows,
    columns,
    noiseNames: noiseLabels,
    noiseColors: noiseLabels.map(noiseColor),
    scale: 1,
    style,
    hatching: 'hatching',
  });
  return marks;
}

/** Columns about which nothing is known, except what a test says. */
function columnsOf(count: number, say: (columns: LaneColumns) => void): LaneColumns {
  const columns = makeLaneColumns(count);
  for (const name of ['speech', 'speechHighest', 'f0Hz', 'f0LowestHz', 'f0HighestHz', 'snrDb'] as const) {
    columns[name].fill(NaN);
  }
  columns.noise.fill(-1);
  columns.inside = count;
  say(columns);
  return columns;
}

const rowOf = (track: LaneTrack) => laneRows.find((row) => row.track === track)!;

describe('drawLanes', () => {
  it('hatches every lane where nothing is known, and draws no value there', () => {
    const marks = draw(
      columnsOf(300, (columns) => {
        columns.speech.fill(0.7, 100);
        columns.speechHighest.fill(0.7, 100);
        columns.noise.fill(0, 100);
      }),
    );
    const hatched = marks.filter(({ fill }) => fill === 'hatching');
    expect(hatched.map(({ x, width }) => [x, width])).toEqual(laneRows.map(() => [0, 100]));
    const values = marks.filter(
      ({ fill }) => fill.startsWith('speech') || fill === 'snr' || fill === 'pitch',
    );
    expect(Math.min(...values.map(({ x }) => x))).toBe(100);
  });

  it('draws nothing behind the end of the recording, not even as unknown', () => {
    const marks = draw(
      columnsOf(300, (columns) => {
        columns.inside = 120;
      }),
    );
    const hatched = marks.filter(({ fill }) => fill === 'hatching');
    expect(Math.max(...hatched.map(({ x, width }) => x + width))).toBe(120);
  });

  it('makes speech as high as it is probable', () => {
    const { heightPx } = rowOf('speech');
    const marks = draw(
      columnsOf(2, (columns) => {
        columns.speech.set([1, 0.5]);
        columns.speechHighest.set([1, 0.5]);
      }),
    );
    const heights = marks.filter(({ fill }) => fill === 'speech fill').map(({ height }) => height);
    expect(heights).toEqual([heightPx - 3, (heightPx - 3) / 2]);
  });

  it('writes the name of a noise into a band that has room for it, clear of the name of the lane', () => {
    const marks = draw(
      columnsOf(400, (columns) => {
        columns.speech.fill(0);
        columns.noise.fill(0, 0, 300);
        columns.noise.fill(1, 300, 310);
      }),
    );
    const bands = marks.filter(({ y, text }) => y === rowOf('noise').topPx && text === undefined);
    expect(bands.map(({ fill, x, width }) => [fill, x, width])).toEqual([
      [noiseColor('rain', 0).fill, 0, 300],
      [noiseColor('traffic', 1).fill, 300, 10],
      ['hatching', 310, 90],
    ]);
    const names = marks.filter(({ text }) => noiseLabels.includes(text ?? ''));
    expect(names.map(({ text, fill }) => [text, fill])).toEqual([['rain', noiseColor('rain', 0).ink]]);
    expect(names[0]?.x).toBeGreaterThan(50);
  });

  it('does not repeat a name in a band that is interrupted again and again', () => {
    const marks = draw(
      columnsOf(1000, (columns) => {
        columns.noise.fill(0);
        for (let column = 50; column < 1000; column += 50) columns.noise[column] = -1;
      }),
    );
    const names = marks.filter(({ text }) => text === 'rain');
    expect(names.length).toBeGreaterThanOrEqual(3);
    expect(names.length).toBeLessThanOrEqual(4);
  });

  it('leaves gaps where nothing is voiced, and joins steps in between', () => {
    const { topPx, heightPx } = rowOf('pitch');
    const marks = draw(
      columnsOf(4, (columns) => {
        for (const name of ['f0Hz', 'f0LowestHz', 'f0HighestHz'] as const) {
          columns[name].set([100, 200, NaN, 100]);
        }
      }),
    ).filter(({ fill }) => fill === 'pitch');
    expect(marks.map(({ x }) => x)).toEqual([0, 1, 3]);
    const octave = (pitchShare(200) - pitchShare(100)) * (heightPx - 3);
    expect(marks[1]?.height).toBeCloseTo((marks[0]?.height ?? 0) + octave, 5);
    for (const { y, height } of marks) {
      expect(y).toBeGreaterThanOrEqual(topPx);
      expect(y + height).toBeLessThanOrEqual(topPx + heightPx);
    }
  });
});

describe('lanes that the net cannot tell', () => {
  it('take no place and are not drawn', () => {
    const rows = laneRowsWithout(['f0Hz', 'noise']);
    expect(rows.map(({ track, topPx }) => [track, topPx])).toEqual([
      ['speech', 1],
      ['snr', 30],
    ]);
    expect(heightOf(rows)).toBe(58);
    const marks = draw(
      columnsOf(300, () => undefined),
      rows,
    );
    expect(Math.max(...marks.map(({ y, height }) => y + height))).toBeLessThanOrEqual(58);
    const hatched = marks.filter(({ fill }) => fill === 'hatching');
    expect(hatched.map(({ y }) => y)).toEqual([1, 30]);
  });
});

describe('the scales of the lanes', () => {
  it('show octaves equally wide, and values outside at the edge', () => {
    expect(pitchShare(200) - pitchShare(100)).toBeCloseTo(pitchShare(400) - pitchShare(200));
    expect([pitchShare(20), pitchShare(4000), snrShare(-60), snrShare(90)]).toEqual([0, 1, 0, 1]);
  });
});
