import type { ESPLoader, FlashSizeValues } from 'esptool-js';
import { FlashlmError } from '../errors.js';
import type { FlashContent } from './esp-content.js';

/** What the line to a flash chip carries where there is no chip, or none that answers. */
const NO_ANSWER = [0x000000, 0xffffff];
const ID_MASK = 0xffffff;

/**
 * Corrects what esptool-js takes the SPI controller of an ESP8266 to be: this chip has no registers for the lengths of what
 * it sends and receives, which esptool-js 0.7 writes down as registers at 0. It would then write the length over the
 * command, and read one bit of the flash chip's id.
 *
 * @param loader whose chip has been detected
 */
export function correctSpiController({ chip }: ESPLoader): void {
  if (chip.CHIP_NAME !== 'ESP8266') return;
  Object.assign(chip, { SPI_MOSI_DLEN_OFFS: undefined, SPI_MISO_DLEN_OFFS: undefined });
}

/**
 * Compares the size of a board's flash with what is to be written.
 *
 * @returns a warning where the size cannot be known; null where there is room
 * @throws FlashlmError does-not-fit; flash-failed if no flash chip answers
 */
export async function requireRoom(loader: ESPLoader, files: FlashContent[]): Promise<string | null> {
  if (loader.secureDownloadMode) return null; // which forbids to look
  const id = (await loader.readFlashId()) & ID_MASK;
  if (NO_ANSWER.includes(id)) {
    throw new FlashlmError(
      'flash-failed',
      'The chip does not reach its flash; nothing was written.',
      'Remove what is connected to its pins, plug it in anew and run this again.',
    );
  }
  const needed = Math.max(...files.map(({ offset, content }) => offset + content.length));
  // The id's third byte is the logarithm of the size, with most makers. What is too large for a flash is found by its MD5.
  const size = loader.DETECTED_FLASH_SIZES[id >> 16] as FlashSizeValues | undefined;
  if (size === undefined) {
    const name = `0x${id.toString(16).padStart(6, '0')}`;
    return `The size of the flash chip with the id ${name} is not known; the firmware needs ${needed} bytes of it.`;
  }
  if (needed <= loader.flashSizeBytes(size)) return null;
  throw new FlashlmError(
    'does-not-fit',
    `The flash of this board holds ${size}, and the firmware ends at ${needed} bytes; nothing was written.`,
    'Build a smaller model.',
  );
}
