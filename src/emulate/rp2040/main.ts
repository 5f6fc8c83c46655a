/**
 * A process that is a Raspberry Pi Pico: runs a UF2 file in rp2040js, with UART0 as its standard streams. Ends when its
 * input does.
 *
 *     node main.js [--mark ADDRESS --out FILE] firmware.uf2
 *
 * Whenever the instruction at the marked address is reached, a line with the count of instructions is written to the file
 * of --out.
 */
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
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

/** @param mark address of a function, with or without the bit that says Thumb */
function countInstructions(mark: number, file: string): void {
  const { core } = chip;
  const execute = core.executeInstruction.bind(core);
  const address = mark & ~1;
  let instructions = 0;
  core.executeInstruction = () => {
    if (core.PC === address) appendFileSync(file, `${instructions}\n`);
    instructions++;
    return execute();
  };
}

/** RP2040 datasheet, 4.2.8: UARTFR and its bit RXFE. */
const UART_FLAGS = 0x18;
const RECEIVER_EMPTY = 1 << 4;

const { values, positionals } = parseArgs({
  options: { mark: { type: 'string' }, out: { type: 'string' } },
  allowPositionals: true,
});
if (values.mark !== undefined && values.out !== undefined) countInstructions(Number(values.mark), values.out);

start(positionals[0]).catch((error) => {
  process.stderr.write(`${error instanceof FlashlmError ? error.message : error}\n`);
  process.exit(1);
});
