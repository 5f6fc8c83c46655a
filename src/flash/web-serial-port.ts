import { ReadableStream, type ReadableStreamDefaultController, WritableStream } from 'node:stream/web';
import type { SerialPort } from 'serialport';
import { openPort } from '../serial/open-port.js';
import { watchPresence } from '../serial/presence.js';
import type { UsbPort } from './usb-ports.js';

/** A port that takes no byte for so long is given up. */
const WRITE_MILLISECONDS = 10_000;
/** Why there is nobody on a port any more. */
export type Loss = 'gone' | 'stuck' | 'interrupted';
/**
 * Not SLIP, wherever it stands in a packet. esptool-js does not tell a waiting read that the stream has ended, and
 * would wait for its full time; this ends the read at once.
 */
const BROKEN_ESCAPE = Uint8Array.of(0xdb, 0x00);

/**
 * A port of the package serialport, with as much of the Web Serial interface as esptool-js uses. A port that goes away
 * is remembered in `loss`; every read of esptool-js then fails at once.
 */
export class WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  /** null while all is well. */
  loss: Loss | null = null;

  private port: SerialPort | null = null;
  private incoming: ReadableStreamDefaultController<Uint8Array> | null = null;
  /** serialport raises every line that it is not told to lower, so it is told all of them each time. */
  private readonly lines = { dtr: false, rts: false };
  private endWatch: () => void = () => undefined;

  constructor(private readonly place: UsbPort) {}

  getInfo(): { usbVendorId?: number; usbProductId?: number } {
    if (this.place.usb === null) return {};
    const [usbVendorId, usbProductId] = this.place.usb.split(':').map((id) => Number.parseInt(id, 16));
    return { usbVendorId, usbProductId };
  }

  /** @throws FlashlmError port-failed */
  async open({ baudRate }: { baudRate: number }): Promise<void> {
    const port = await openPort(this.place.path, baudRate);
    this.port = port;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.incoming = controller;
      },
      cancel: () => {
        this.incoming = null;
      },
    });
    this.writable = new WritableStream<Uint8Array>({ write: (bytes) => this.send(bytes) });
    port.on('data', (bytes: Buffer) => this.incoming?.enqueue(Uint8Array.from(bytes)));
    // Without someone who listens, an error would end the program; what follows it is 'close', or silence.
    port.on('error', () => undefined);
    port.on('close', () => {
      if (this.port === port) this.lose('gone');
    });
    this.endWatch = watchPresence(this.place.path, () => this.lose('gone'));
  }

  async close(): Promise<void> {
    this.endWatch();
    const { port } = this;
    this.port = null;
    this.readable = null;
    this.writable = null;
    if (port?.isOpen === true) await new Promise<void>((resolve) => port.close(() => resolve()));
  }

  async setSignals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void> {
    const { port } = this;
    if (this.loss !== null) throw new Error(this.loss);
    if (port === null) return;
    const { dataTerminalReady: dtr, requestToSend: rts } = signals;
    if (dtr !== undefined) this.lines.dtr = dtr;
    if (rts !== undefined) this.lines.rts = rts;
    const error = await new Promise<Error | null>((resolve) => port.set({ ...this.lines }, resolve));
    // A pseudo-terminal has no such lines, and nothing behind it that they could reset.
    if (error && !/inappropriate ioctl|ENOTTY/i.test(error.message)) {
      this.lose('gone');
    }
  }

  /** esptool-js changes the rate with this where it finds it, instead of closing the port, which resets some boards. */
  async setBaudRate(baudRate: number): Promise<void> {
    const { port } = this;
    if (port === null) return;
    const error = await new Promise<Error | null>((resolve) => port.update({ baudRate }, resolve));
    if (error) throw error;
  }

  /** Never fails, since esptool-js would not let go of the stream then: it is the next read that fails. */
  private async send(bytes: Uint8Array): Promise<void> {
    const { port } = this;
    if (port === null || this.loss !== null) {
      this.incoming?.enqueue(BROKEN_ESCAPE);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.lose('stuck');
        resolve();
      }, WRITE_MILLISECONDS);
      port.write(Buffer.from(bytes), (error) => {
        clearTimeout(timer);
        if (error) this.lose('gone');
        resolve();
      });
    });
  }

  /** Ends what is going on: every read of esptool-js fails from now on. */
  lose(loss: Loss): void {
    this.loss ??= loss;
    this.incoming?.enqueue(BROKEN_ESCAPE);
  }
}
