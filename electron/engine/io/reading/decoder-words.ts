/** At most so many different complaints are quoted. */
const quotedLines = 3;

/**
 * Shortens what ffmpeg said for a message to a person: no addresses, no path, no repetitions.
 * @param errorText  ffmpeg's stderr
 * @param path       the recording as it was named to ffmpeg; may appear in the text
 * @returns one line; empty when nothing was said
 */
export function decoderWords(errorText: string, path: string): string {
  const lines = new Set<string>();
  for (const line of errorText.replaceAll(path, 'the file').split('\n')) {
    const words = line
      .replace(/^(\[[^\]]* @ 0x[0-9a-f]+\]\s*)+/, '')
      .replace(/^file:the file: /, '')
      .trim();
    if (words === '' || /^(Last message repeated|\[\d+ bytes left out)/.test(words)) continue;
    lines.add(words.slice(0, 120));
  }
  const quoted = [...lines].slice(0, quotedLines).join('; ');
  const more = lines.size - quotedLines;
  return more > 0 ? `${quoted}; and ${more} more kinds` : quoted;
}
