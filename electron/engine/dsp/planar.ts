/** Planar audio for processing: one Float32Array per channel, all of the same length. */
export type Planar = Float32Array[];

/** Planar audio on its way from a reader to a writer; float64 carries 32-bit integers and 64-bit floats exactly. */
export type PlanarSamples = Planar | Float64Array[];

/** What a stream of planar blocks is, from its first block to its last. */
export interface StreamFormat {
  readonly sampleRateHz: number;
  readonly channels: number;
}

/** @returns sample frames in `block`; 0 without channels */
export function frameCount(block: PlanarSamples): number {
  return block[0]?.length ?? 0;
}

/** @returns silence, [channels][frames] */
export function silence(channels: number, frames: number): Planar {
  return Array.from({ length: channels }, () => new Float32Array(frames));
}

/**
 * @param parts  planar blocks of `channels` channels each; not modified
 * @returns one block after the other, [channels][sum of frames]; a single part is returned as it is
 */
export function concatenated(parts: readonly Planar[], channels: number): Planar {
  const only = parts[0];
  if (parts.length === 1 && only) return only;
  const result = silence(
    channels,
    parts.reduce((sum, part) => sum + frameCount(part), 0),
  );
  let at = 0;
  for (const part of parts) {
    for (let channel = 0; channel < channels; channel++) result[channel]!.set(part[channel]!, at);
    at += frameCount(part);
  }
  return result;
}
