import { resolve } from 'node:path';

/**
 * Demuxers that may open a file. Everything that reads *other* files or addresses because of what the file says
 * (concat, hls, dash, image sequences, lavfi) is left out on purpose, so a playlist renamed to .wav stays a text.
 */
const allowedDemuxers = [
  'wav',
  'w64',
  'aiff',
  'au',
  'caf',
  'flac',
  'wv',
  'ape',
  'tta',
  'mp3',
  'aac',
  'ac3',
  'eac3',
  'amr',
  'ogg',
  'mov',
  'matroska',
  'avi',
  'asf',
  'mpegts',
  'mpeg',
];

/**
 * @param path  any path, also relative or with a leading dash, newline or something that looks like an address
 * @returns ffmpeg's and ffprobe's arguments that open exactly this one file and nothing else
 */
export function inputArguments(path: string): string[] {
  return [
    '-protocol_whitelist',
    'file,pipe',
    '-format_whitelist',
    allowedDemuxers.join(','),
    '-i',
    `file:${resolve(path)}`,
  ];
}
