import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { FlashlmError } from '../errors.js';

/** A guard against hangs: emulated firmware that says nothing for so long is given up. */
const SILENCE_SECONDS = 120;
const PROMPT = /(?:^|\r?\n)> $/;
/** Ends firmware on emulators (docs/console.md). */
const END_OF_TRANSMISSION = '\x04';

/**
 * A conversation with running firmware over its serial console (docs/console.md), through a program's standard
 * streams.
 */
export class FirmwareConsole {
  private received = '';
  private onText: (text: string) => void = () => undefined;
  private ended = false;

  private constructor(
    private readonly process: ChildProcess,
    private readonly name: string,
  ) {
    // Bytes as latin1: a token may end within a UTF-8 character, and every byte must arrive as it was sent.
    process.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.received += text;
      this.onText(text);
    });
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
    process.once('exit', () => {
      this.ended = true;
      this.onText('');
    });
    process.stdin?.on('error', () => undefined); // the program's end is noticed as such
  }

  private complaints = '';

  /**
   * Starts a program that speaks the console's language and waits until it asks for input.
   * @throws FlashlmError emulator-failed, also when the firmware finds its image damaged
   */
  static async start(program: string, programArguments: string[]): Promise<FirmwareConsole> {
    const child = spawn(program, programArguments, { stdio: ['pipe', 'pipe', 'pipe'] });
    const console = new FirmwareConsole(child, program);
    try {
      await Promise.race([
        once(child, 'spawn'),
        once(child, 'error').then(([error]) => Promise.reject(error)),
      ]);
      const banner = await console.untilPrompt();
      const error = /^error: (.*)$/m.exec(banner);
      if (error !== null) throw console.failure(`The firmware says: ${error[1].trim()}`);
      return console;
    } catch (cause) {
      child.kill('SIGKILL');
      if (cause instanceof FlashlmError) throw cause;
      throw console.failure(`${program} could not be started`, cause);
    }
  }

  /**
   * Sends a line and returns what the firmware says until it asks for the next, without the prompt.
   * @param onText also receives the answer as it arrives, as bytes in latin1
   */
  async ask(line: string, onText?: (text: string) => void): Promise<string> {
    this.received = '';
    this.process.stdin?.write(`${line}\n`);
    return this.untilPrompt(onText);
  }

  /** Sends a settings command. @throws FlashlmError emulator-failed if the firmware refuses it */
  async set(command: string): Promise<void> {
    const answer = await this.ask(command);
    if (answer.startsWith('error')) throw this.failure(`The firmware refused "${command}": ${answer.trim()}`);
  }

  /** Ends the firmware and waits for its end. */
  async close(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.process, 'exit');
    this.process.stdin?.end(END_OF_TRANSMISSION);
    const grace = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(grace);
  }

  /** Ends it at once; for interrupts. */
  kill(): void {
    this.process.kill('SIGKILL');
  }

  private untilPrompt(onText: (text: string) => void = () => undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      let silence: NodeJS.Timeout;
      const finish = (settle: () => void) => {
        clearTimeout(silence);
        this.onText = () => undefined;
        settle();
      };
      const watch = () => {
        clearTimeout(silence);
        silence = setTimeout(() => {
          finish(() => reject(this.failure(`The firmware has said nothing for ${SILENCE_SECONDS} seconds`)));
        }, SILENCE_SECONDS * 1000);
      };
      const check = () => {
        if (PROMPT.test(this.received)) {
          finish(() => resolve(this.received.replace(PROMPT, '').replaceAll('\r\n', '\n')));
        } else if (this.ended) {
          finish(() => reject(this.failure('The firmware ended in the middle of a conversation')));
        }
      };
      this.onText = (text) => {
        onText(text);
        watch();
        check();
      };
      watch();
      check();
    });
  }

  private failure(what: string, cause?: unknown): FlashlmError {
    const complaint = this.complaints.trim().split('\n').at(-1) ?? '';
    const heard = complaint === '' ? '' : ` (${this.name}: ${complaint})`;
    return new FlashlmError(
      'emulator-failed',
      `${what}${heard}.`,
      'Run again with --verbose, or try --board host.',
      {
        cause,
      },
    );
  }
}
