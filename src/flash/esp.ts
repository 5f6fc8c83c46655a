import { setTimeout as sleep } from 'node:timers/promises';
import { ESPError, ESPLoader, Transport, UnexpectedChipIdError, UnexpectedChipMagicError } from 'esptool-js';
import { FlashlmError } from '../errors.js';
import { type FlashContent, holdsContent } from './esp-content.js';
import { lossFailure, type Touched, writeFailure } from './esp-failures.js';
import { correctSpiController, requireRoom } from './esp-flash-size.js';
import type { UsbPort } from './usb-ports.js';
import { WebSerialPort } from './web-serial-port.js';

/** The rate at which the boot ROM listens. */
const ROM_BAUD_RATE = 115200;
/** Each tries to get the chip into its boot loader once. */
const CONNECT_ATTEMPTS = 7;
const RESET_MILLISECONDS = 100;

export interface EspJob {
  port: UsbPort;
  /** Name of the chip that must be there, as esptool calls it. */
  chip: string;
  files: FlashContent[];
  /** Rate for writing, in bits per second. */
  baudRate: number;
  /** Write also what the chip holds already. */
  writeAll: boolean;
  /** Ends the work in the middle. */
  signal?: AbortSignal;
  /** @param share 0..1 of the writing */
  onProgress: (share: number, doing: string) => void;
}

/** What was done to a chip. */
export interface EspResult {
  /** The files that it did not hold already. */
  written: FlashContent[];
  /** What could not be made sure of, a sentence each. */
  warnings: string[];
}

/** esptool-js would print what it does on the console. */
class QuietTransport extends Transport {
  override trace(): void {}
}

const NO_TERMINAL = { clean: () => undefined, write: () => undefined, writeLine: () => undefined };

/**
 * Brings files into the flash of an ESP chip through its boot ROM, and starts it. What the chip holds already, by the
 * MD5 of the same range of its flash, is left as it is; what is written is compared in the same way.
 *
 * @throws FlashlmError port-failed, wrong-chip, does-not-fit, flash-failed; each says whether the board still has its
 *   old firmware
 */
export async function flashEsp(job: EspJob): Promise<EspResult> {
  const device = new WebSerialPort(job.port);
  // esptool-js asks for a port of a browser, of which it uses what WebSerialPort has.
  const transport = new QuietTransport(device as unknown as ConstructorParameters<typeof Transport>[0]);
  const loader = new ESPLoader({
    transport,
    baudrate: job.baudRate,
    romBaudrate: ROM_BAUD_RATE,
    terminal: NO_TERMINAL,
  });
  const touched: Touched = { state: 'unchanged' };
  const interrupt = () => device.lose('interrupted');
  job.signal?.addEventListener('abort', interrupt);
  try {
    job.onProgress(0, 'connecting');
    await connect(loader, job);
    return await update(loader, job, touched);
  } catch (error) {
    if (device.loss !== null) throw lossFailure(job.port, device.loss, touched);
    throw error instanceof FlashlmError
      ? error
      : writeFailure(job.port, error, touched, job.baudRate > ROM_BAUD_RATE);
  } finally {
    job.signal?.removeEventListener('abort', interrupt);
    // A board that was left alone goes on with what it did. One whose port goes away now, as some do on a reset, is
    // no failure.
    await restart(device).catch(() => undefined);
    await device.close();
  }
}

/** Gets the boot ROM to talk, and looks whose it is. */
async function connect(loader: ESPLoader, { port, chip }: EspJob): Promise<void> {
  await loader.detectChip('default_reset', CONNECT_ATTEMPTS).catch((cause) => {
    if (cause instanceof UnexpectedChipIdError || cause instanceof UnexpectedChipMagicError) {
      throw wrongChip(port, 'a chip that esptool-js does not know', chip);
    }
    if (!(cause instanceof ESPError)) throw cause;
    throw new FlashlmError(
      'port-failed',
      `No boot loader of an ESP chip answers on ${port.path}; nothing was written.`,
      'Hold BOOT, press and release reset, release BOOT, then run this again.',
      { cause },
    );
  });
  if (loader.chip.CHIP_NAME !== chip) throw wrongChip(port, `an ${loader.chip.CHIP_NAME}`, chip);
  correctSpiController(loader);
}

function wrongChip({ path }: UsbPort, found: string, expected: string): FlashlmError {
  return new FlashlmError(
    'wrong-chip',
    `On ${path} is ${found}, and the firmware is for an ${expected}; nothing was written.`,
    'Name the right --board or --port.',
  );
}

async function update(loader: ESPLoader, job: EspJob, touched: Touched): Promise<EspResult> {
  const { files, onProgress } = job;
  await loader.chip.postConnect?.(loader);
  await loader.runStub();
  if (job.baudRate !== ROM_BAUD_RATE) await loader.changeBaud();
  if (!loader.IS_STUB) await loader.flashSpiAttach(0);
  const warning = await requireRoom(loader, files);

  onProgress(0, 'asking what the chip holds');
  const changed: FlashContent[] = [];
  for (const file of files) {
    if (job.writeAll || !(await holdsContent(loader, file))) changed.push(file);
  }
  const total = changed.reduce((sum, { content }) => sum + content.length, 0);
  let before = 0;
  for (const { content, offset, kind } of changed) {
    touched.state = 'incomplete';
    await loader.writeFlash({
      fileArray: [{ data: content, address: offset }],
      flashMode: 'keep',
      flashFreq: 'keep',
      flashSize: 'keep',
      eraseAll: false,
      compress: true,
      reportProgress: (_, sent, ofThis) =>
        onProgress((before + (content.length * sent) / ofThis) / total, `writing the ${kind}`),
    });
    before += content.length;
  }
  touched.state = changed.length === 0 ? 'unchanged' : 'uncompared';
  onProgress(1, 'comparing');
  for (const file of changed) await compare(loader, file, job.port);
  return { written: changed, warnings: warning === null ? [] : [warning] };
}

/** @throws FlashlmError flash-failed */
async function compare(loader: ESPLoader, file: FlashContent, port: UsbPort): Promise<void> {
  if (await holdsContent(loader, file)) return;
  throw new FlashlmError(
    'flash-failed',
    `What lies in flash at 0x${file.offset.toString(16)} of the chip on ${port.path} is not what was sent.`,
    'Run this again with --baud 115200; if that does not help, its flash is worn out.',
  );
}

/** A pulse on RTS, which resets the chip through a bridge as well as through its own USB port. */
async function restart(device: WebSerialPort): Promise<void> {
  if (device.loss !== null) return;
  await device.setSignals({ dataTerminalReady: false, requestToSend: true });
  await sleep(RESET_MILLISECONDS);
  await device.setSignals({ requestToSend: false });
}
