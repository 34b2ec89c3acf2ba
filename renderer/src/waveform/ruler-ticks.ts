/** A mark of the time ruler. */
export interface Tick {
  readonly seconds: number;
  /** null for a small mark */
  readonly label: string | null;
}

const steps = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600,
];

const labelRoomPx = 84;

/**
 * @param startSeconds     left edge of the screen
 * @param endSeconds       right edge of the screen
 * @param pixelsPerSecond  scale
 * @returns marks in view, labels at least {@link labelRoomPx} apart, five small steps to a large one
 */
export function rulerTicks(
  startSeconds: number,
  endSeconds: number,
  pixelsPerSecond: number,
): readonly Tick[] {
  const step = steps.find((candidate) => candidate * pixelsPerSecond >= labelRoomPx) ?? 3600;
  const small = step / 5;
  const first = Math.max(0, Math.floor(startSeconds / small));
  const last = Math.ceil(endSeconds / small);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => {
    const index = first + offset;
    const seconds = index * small;
    return { seconds, label: index % 5 === 0 ? tickLabel(seconds, step) : null };
  });
}

function tickLabel(seconds: number, step: number): string {
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  const scale = 10 ** digits;
  // In whole units of the last digit, so that 0.3 does not become 0.299...
  const units = Math.round(seconds * scale);
  const wholeSeconds = Math.floor(units / scale);
  const fraction = digits > 0 ? `.${String(units % scale).padStart(digits, '0')}` : '';
  const hours = Math.floor(wholeSeconds / 3600);
  const minutes = Math.floor(wholeSeconds / 60) % 60;
  const rest = String(wholeSeconds % 60).padStart(2, '0');
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}${fraction}`
    : `${minutes}:${rest}${fraction}`;
}
