const thinSpace = '\u2009';

/**
 * @param sampleFrames  0 or more
 * @param withHours     keeps the hours' place, so that a running clock does not change its width
 * @returns `m:ss.mmm`, or `h:mm:ss.mmm` from one hour on; milliseconds are cut, not rounded, so that the end is never overstated
 */
export function formatPosition(sampleFrames: number, sampleRateHz: number, withHours = false): string {
  const milliseconds = Math.floor((sampleFrames * 1000) / sampleRateHz);
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = Math.floor(milliseconds / 1000) % 60;
  const tail = `${pad(seconds, 2)}.${pad(milliseconds % 1000, 3)}`;
  return hours > 0 || withHours ? `${hours}:${pad(minutes, 2)}:${tail}` : `${minutes}:${tail}`;
}

/** @returns `12 s`, `3:05` or `2:00:00`: a length or a time left, to whole seconds */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}${thinSpace}s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes, 2)}:${pad(whole % 60, 2)}` : `${minutes}:${pad(whole % 60, 2)}`;
}

/** @returns length of a recording: as {@link formatSeconds}, but never 0 for what has a sound: `10 ms` */
export function formatLength(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)}${thinSpace}ms` : formatSeconds(seconds);
}

/** @returns whole number in groups of three: `28 800 000` */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, thinSpace);
}

/** @returns size in the largest unit that keeps three figures: `1.38 GB`; powers of 1000 */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${thinSpace}${units[unit] ?? ''}`;
}

/** @returns level with sign and one decimal: `-6.0 dB`; the minus is a real one */
export function formatDb(db: number): string {
  const rounded = Math.abs(db) < 0.05 ? 0 : db;
  const sign = rounded > 0 ? '+' : rounded < 0 ? '\u2212' : '';
  return `${sign}${Math.abs(rounded).toFixed(1)}${thinSpace}dB`;
}

/** @returns `48 kHz`, `44.1 kHz` */
export function formatRate(sampleRateHz: number): string {
  return `${Number((sampleRateHz / 1000).toFixed(3))}${thinSpace}kHz`;
}

/** @returns `62×`: seconds of audio per second of wall time */
export function formatSpeed(realTimeFactor: number): string {
  return `${realTimeFactor < 10 ? realTimeFactor.toFixed(1) : String(Math.round(realTimeFactor))}×`;
}

/** @returns `42 %` of a fraction 0..1 */
export function formatPercent(fraction: number): string {
  return `${Math.round(fraction * 100)}${thinSpace}%`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
