/** Lowest level the meter shows. */
export const meterFloorDb = -60;

const fallingMeterDbPerTick = 1.5;

/** @returns linear gain of a slider position 0..1: square law, so that half-way is -12 dB */
export function volumeGain(volume: number): number {
  return volume * volume;
}

/**
 * @param shownDb  of the tick before
 * @param peak     linear, since then
 * @returns dB of full scale to show now: up at once, down slowly
 */
export function meterFall(shownDb: number, peak: number): number {
  const peakDb = peak > 0 ? 20 * Math.log10(peak) : meterFloorDb;
  return Math.max(meterFloorDb, peakDb, shownDb - fallingMeterDbPerTick);
}
