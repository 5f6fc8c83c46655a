/**
 * A process that is a Raspberry Pi Pico: runs a UF2 file in rp2040js, with UART0 as its standard streams. Ends when its
 * input does.
 *
 *     node main.js firmware.uf2
 */
import { readFile } from 'node:fs/promises';
import { ConsoleLogger, LogLevel, Simulator } from 'rp2040js';
import { FlashlmError } from '../../errors.js';
import { bootFromFlash, writeUf2ToFlash } from './boot.js';

/** What the receiver of the UART holds; what comes faster than the program reads has to wait outside. */
const RECEIVER_BYTES = 32;
const FEED_MILLISECONDS = 5;

const simulator = new Simulator();
const chip = simulator.rp2040;
const uart = chip.uart[0];

/** Bytes that were typed and have not reached the UART yet. */
const typed: number[] = [];

async function start(file: string): Promise<void> {
  chip.logger = new ConsoleLogger(LogLevel.Error, false);
  writeUf2ToFlash(chip, new Uint8Array(await readFile(file)));
  bootFromFlash(chip);
  uart.onByte = (byte) => process.stdout.write(Uint8Array.of(byte));
  process.stdin.on('data', (bytes: Buffer) => typed.push(...bytes)).on('end', () => process.exit(0));
  setInterval(feed, FEED_MILLISECONDS);
  simulator.execute();
}

/** rp2040js drops what does not fit into the receiver, as the chip would. */
function feed(): void {
  const isEmpty = (uart.readUint32(UART_FLAGS) & RECEIVER_EMPTY) !== 0;
  if (isEmpty) for (const byte of typed.splice(0, RECEIVER_BYTES)) uart.feedByte(byte);
}

/** RP2040 datasheet, 4.2.8: UARTFR and its bit RXFE. */
const UART_FLAGS = 0x18;
const RECEIVER_EMPTY = 1 << 4;

start(process.argv[2]).catch((error) => {
  process.stderr.write(`${error instanceof FlashlmError ? error.message : error}\n`);
  process.exit(1);
});
