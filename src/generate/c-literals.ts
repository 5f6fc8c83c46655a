/** A C string literal of any text: whatever is not plain ASCII becomes the octal escapes of its UTF-8 bytes. */
export function cString(text: string): string {
  const characters = Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    // A question mark could begin a trigraph.
    return byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(character)
      ? character
      : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${characters.join('')}"`;
}

/** Text that cannot end the comment it is in, nor its line. */
export function cComment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll('*/', '* /');
}

/**
 * Bytes as hexadecimal little-endian words, ten a line.
 *
 * @param bytes a multiple of 4
 */
export function cWords(bytes: Uint8Array): string {
  return linesOfWords(bytes)
    .map((words) => `    ${words.join(',')},`)
    .join('\n');
}

/**
 * The same for an assembler.
 *
 * @param bytes a multiple of 4
 */
export function assemblyWords(bytes: Uint8Array): string {
  return linesOfWords(bytes)
    .map((words) => `    .long ${words.join(',')}`)
    .join('\n');
}

const WORDS_OF_A_LINE = 10;

function linesOfWords(bytes: Uint8Array): string[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: string[][] = [];
  for (let offset = 0; offset < bytes.length; offset += 4) {
    if (offset % (4 * WORDS_OF_A_LINE) === 0) lines.push([]);
    lines.at(-1)?.push(`0x${view.getUint32(offset, true).toString(16).padStart(8, '0')}`);
  }
  return lines;
}
