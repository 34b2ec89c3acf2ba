/**
 * Endings by which a recording is recognised in a folder and offered by the system's dialog, without the dot.
 * A file that is named directly is tried whatever it is called.
 */
export const recordingExtensions = [
  ...['wav', 'wave', 'bwf', 'rf64', 'w64', 'aif', 'aiff', 'aifc', 'flac', 'mp3'],
  ...[
    'm4a',
    'm4b',
    'm4r',
    'mp4',
    'm4v',
    'mov',
    'qt',
    'aac',
    'ogg',
    'oga',
    'ogv',
    'opus',
    'mkv',
    'mka',
    'webm',
  ],
  ...['caf', 'au', 'snd', 'wma', 'wv', 'amr', '3gp', '3g2', 'ac3', 'ape', 'tta', 'avi', 'mts', 'm2ts'],
] as const;
