import type { SerialPort } from 'serialport';
import { FlashlmError } from '../errors.js';
import { noAttention, noFirmware, quoteEnd } from './heard.js';
import { openPort } from './open-port.js';
import { type ClosingLine, StoryReceiver } from './story-receiver.js';

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
const PROMPT = /(?:^|\r?\n)> $/;
const SILENCE = Symbol('silence');
/** Enough to recognise who speaks. */
const HEARD_BYTES = 4096;

/** A story as a board told it. */
export interface ToldStory extends ClosingLine {
  /** Prompt and story. */
  text: string;
}

/** A conversation with firmware on a serial port or a pseudo-terminal, in the language of docs/console.md. */
export class SerialConsole {
  private onBytes: (bytes: string) => void = () => undefined;
  private onLost: () => void = () => undefined;

  private constructor(
    private readonly port: SerialPort,
    private readonly patience: Patience,
  ) {
    // Bytes as latin1: a chunk may end within a UTF-8 character, and every byte must arrive as it was sent.
    port.on('data', (bytes: Buffer) => this.onBytes(bytes.toString('latin1')));
    port.on('close', () => this.onLost());
    port.on('error', () => undefined); // a port that fails closes
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

  /**
   * Sends a line and returns what the firmware says until it asks for the next, without the prompt; bytes as latin1,
   * LF for CR LF. Not for stories outside of a trace: their text may look like the prompt.
   */
  async ask(line: string): Promise<string> {
    let received = '';
    this.send(line);
    const answer = await this.listen((bytes) => {
      received += bytes;
      return PROMPT.test(received) ? received : undefined;
    }, this.patience.silence);
    if (answer === SILENCE) throw this.silent(received);
    return answer.replace(PROMPT, '').replaceAll('\r\n', '\n');
  }

  /** Sends a settings command. @throws FlashlmError port-failed if the firmware refuses it */
  async set(command: string): Promise<void> {
    const answer = await this.ask(command);
    if (answer.startsWith('error')) throw this.refused(`"${command}"`, answer.trim());
  }

  /**
   * Has a story told with the settings that are set.
   *
   * @param line the prompt, as encodeLine of src/emulate/trace.ts lets it pass
   * @param onText receives prompt and story as they arrive
   * @throws FlashlmError port-failed if the board falls silent, restarts or goes away; bad-image if its image is damaged
   */
  async tell(line: string, onText: (text: string) => void = () => undefined): Promise<ToldStory> {
    const receiver = new StoryReceiver(line);
    let text = '';
    this.send(line);
    const closing = await this.listen((bytes) => {
      const piece = receiver.push(bytes);
      text += piece;
      if (piece !== '') onText(piece);
      if (receiver.refusal !== null) throw this.refused('the story', receiver.refusal);
      if (receiver.restarted) throw this.restarted();
      return receiver.closing ?? undefined;
    }, this.patience.silence);
    if (closing === SILENCE) throw this.silent(text);
    return { text, ...closing };
  }

  /** Closes the port; the firmware goes on with what it does, and whoever waits for it gets an error. */
  async close(): Promise<void> {
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
        if (outcome === true) return this.set('/trace 0');
      }
      throw noFirmware(this.port.path, heard);
    } finally {
      clearTimeout(limit);
    }
  }

  private send(line: string): void {
    this.port.write(Buffer.from(`${line}\n`, 'utf8'));
  }

  /** Hands arriving bytes on until `onBytes` returns something or throws, or nothing arrives for so many seconds. */
  private listen<T>(onBytes: (bytes: string) => T | undefined, seconds: number): Promise<T | typeof SILENCE> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout;
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.onBytes = () => undefined;
        this.onLost = () => undefined;
        settle();
      };
      const watch = () => {
        clearTimeout(timer);
        timer = setTimeout(() => finish(() => resolve(SILENCE)), seconds * 1000);
      };
      this.onBytes = (bytes) => {
        watch();
        try {
          const result = onBytes(bytes);
          if (result !== undefined) finish(() => resolve(result));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      this.onLost = () => finish(() => reject(this.lost()));
      watch();
      if (!this.port.isOpen) this.onLost();
    });
  }

  private lost(): FlashlmError {
    return new FlashlmError(
      'port-failed',
      `${this.port.path} has gone away.`,
      'Check the cable and run this again.',
    );
  }

  private silent(heard: string): FlashlmError {
    const last = heard === '' ? 'nothing was heard' : `the last heard was ${quoteEnd(heard)}`;
    return new FlashlmError(
      'port-failed',
      `The firmware on ${this.port.path} has been silent for ${this.patience.silence} seconds; ${last}.`,
      'Press reset and run this again.',
    );
  }

  private restarted(): FlashlmError {
    return new FlashlmError(
      'port-failed',
      `The board on ${this.port.path} restarted in the middle of the story.`,
      'Check its power supply and cable, then run this again.',
    );
  }

  private refused(what: string, answer: string): FlashlmError {
    const reason = answer.replace(/^error: /, '');
    return reason.startsWith('image section')
      ? new FlashlmError(
          'bad-image',
          `The firmware finds: ${reason.replace(/;.*/, '')}.`,
          'Flash the model again.',
        )
      : new FlashlmError(
          'port-failed',
          `The firmware on ${this.port.path} refused ${what}: ${reason.replace(/\.$/, '')}.`,
          'Flash firmware of this version of flashlm-mcu.',
        );
  }
}
