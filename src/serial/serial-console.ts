import type { SerialPort } from 'serialport';
import { FlashlmError } from '../errors.js';
import { ConsoleClient, SILENCE } from './console-client.js';
import { noAttention, noFirmware, quoteEnd } from './heard.js';
import { openPort } from './open-port.js';
import { watchPresence } from './presence.js';

/** Guards against hangs, in seconds. */
export interface Patience {
  /** Silence after each attempt to get an answer from firmware that may be booting. */
  attempts: number[];
  /** All attempts together, on a port where something speaks without end. */
  synchronising: number;
  /** Silence within a story; a slow board reads a long prompt without a word. */
  silence: number;
}

const PATIENCE: Patience = { attempts: [1, 1, 2, 4], synchronising: 60, silence: 120 };
/** Enough to recognise who speaks. */
const HEARD_BYTES = 4096;

/** A conversation with firmware on a serial port or a pseudo-terminal; its errors have the code port-failed. */
export class SerialConsole extends ConsoleClient {
  private readonly endWatch: () => void;
  private isGone = false;

  private constructor(
    private readonly port: SerialPort,
    private readonly patience: Patience,
  ) {
    super(patience.silence);
    port.on('data', (bytes: Buffer) => this.hear(bytes.toString('latin1')));
    port.on('close', () => this.hearNoMore());
    port.on('error', () => undefined); // a port that fails closes
    this.endWatch = watchPresence(port.path, () => {
      this.isGone = true;
      this.hearNoMore();
    });
  }

  /**
   * Opens a port and gets the firmware's attention, whatever it was doing: booting, or telling a story to a client that
   * has gone.
   *
   * @throws FlashlmError port-failed if the port does not open or no firmware answers on it
   */
  static async open(path: string, patience: Partial<Patience> = {}): Promise<SerialConsole> {
    const console = new SerialConsole(await openPort(path), { ...PATIENCE, ...patience });
    try {
      await console.synchronise();
      return console;
    } catch (error) {
      await console.close();
      throw error;
    }
  }

  /** Closes the port; the firmware goes on with what it does, and whoever waits for it gets an error. */
  async close(): Promise<void> {
    this.endWatch();
    if (!this.port.isOpen) return;
    await new Promise<void>((resolve) => this.port.close(() => resolve()));
  }

  /**
   * Asks for a seed of its own in each attempt: an answer to the last one means that everything before has been
   * answered, too.
   */
  private async synchronise(): Promise<void> {
    let heard = '';
    let isOver = false;
    const limit = setTimeout(() => {
      isOver = true;
    }, this.patience.synchronising * 1000);
    try {
      for (const [attempt, seconds] of this.patience.attempts.entries()) {
        const seed = `seed ${100 + attempt}`;
        const answer = new RegExp(`(?:^|[\\n>] ?)${seed}\\r?\\n> $`);
        this.send(`/${seed}`);
        const outcome = await this.listen((bytes) => {
          heard = (heard + bytes).slice(-HEARD_BYTES);
          if (isOver) throw noAttention(this.port.path, heard);
          return answer.test(heard) ? true : undefined;
        }, seconds);
        if (outcome !== SILENCE) return await this.set('/trace 0');
      }
      throw noFirmware(this.port.path, heard);
    } finally {
      clearTimeout(limit);
    }
  }

  protected override write(bytes: Buffer): void {
    this.port.write(bytes);
  }

  protected override isOpen(): boolean {
    return this.port.isOpen && !this.isGone;
  }

  protected override lost(): FlashlmError {
    return new FlashlmError(
      'port-failed',
      `${this.port.path} has gone away.`,
      'Check the cable and run this again.',
    );
  }

  protected override silent(heard: string): FlashlmError {
    const last = heard === '' ? 'nothing was heard' : `the last heard was ${quoteEnd(heard)}`;
    return new FlashlmError(
      'port-failed',
      `The firmware on ${this.port.path} has been silent for ${this.silenceSeconds} seconds; ${last}.`,
      'Press reset and run this again.',
    );
  }

  protected override restarted(): FlashlmError {
    return new FlashlmError(
      'port-failed',
      `The board on ${this.port.path} restarted in the middle of the story.`,
      'Check its power supply and cable, then run this again.',
    );
  }

  protected override refused(what: string, reason: string): FlashlmError {
    return new FlashlmError(
      'port-failed',
      `The firmware on ${this.port.path} refused ${what}: ${reason}.`,
      'Flash firmware of this version of flashlm-mcu.',
    );
  }
}
