import { FlashlmError } from '../errors.js';
import { ConsoleClient } from '../serial/console-client.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { complaintOf, type FirmwareProcess, spawnFirmware } from './firmware-process.js';

/** Emulated firmware that says nothing for so long is given up. */
const SILENCE_SECONDS = 120;
/** Ends firmware on emulators (docs/console.md). */
const END_OF_TRANSMISSION = '\x04';
/** What firmware that was asked to end may take for it. */
const END_SECONDS = 5;

const PIPES = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } as const;

export interface StartOptions {
  /** For the emulator. */
  extraArguments?: string[];
  silenceSeconds?: number;
}

/** A conversation with firmware on an emulator, through standard streams; its errors have the code emulator-failed. */
export class FirmwareConsole extends ConsoleClient {
  private readonly process: FirmwareProcess<typeof PIPES>;
  private complaints = '';
  private hasEnded = false;

  private constructor(
    private readonly firmware: EmulatorFirmware,
    { extraArguments = [], silenceSeconds = SILENCE_SECONDS }: StartOptions,
  ) {
    super(silenceSeconds);
    this.process = spawnFirmware(firmware, 'stdio', PIPES, extraArguments);
    this.process.stdout.setEncoding('latin1').on('data', (bytes: string) => this.hear(bytes));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaints += text;
    });
    this.process.stdin.on('error', () => undefined); // the program's end is noticed as such
    this.process.then(({ originalMessage }) => {
      this.complaints ||= originalMessage ?? '';
      this.hasEnded = true;
      this.hearNoMore();
    });
  }

  /**
   * Starts firmware on its emulator and waits until it asks for input.
   * @throws FlashlmError emulator-failed; bad-image when the firmware finds its image damaged
   */
  static async start(firmware: EmulatorFirmware, options: StartOptions = {}): Promise<FirmwareConsole> {
    const console = new FirmwareConsole(firmware, options);
    try {
      const greeting = await console.untilPrompt();
      const error = /^error: .*$/m.exec(greeting);
      if (error !== null) throw console.refusal('to start', error[0]);
      return console;
    } catch (cause) {
      await console.kill();
      throw cause;
    }
  }

  /** Ends the firmware and waits for its end. */
  async close(): Promise<void> {
    this.process.stdin.end(END_OF_TRANSMISSION);
    const grace = setTimeout(() => this.process.kill('SIGKILL'), END_SECONDS * 1000);
    await this.process;
    clearTimeout(grace);
  }

  private async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process;
  }

  protected override write(bytes: Buffer): void {
    this.process.stdin.write(bytes);
  }

  protected override isOpen(): boolean {
    return !this.hasEnded;
  }

  protected override lost(): FlashlmError {
    return this.failure('The firmware ended in the middle of a conversation');
  }

  protected override silent(): FlashlmError {
    return this.failure(`The firmware has said nothing for ${this.silenceSeconds} seconds`);
  }

  protected override restarted(): FlashlmError {
    return this.failure('The firmware restarted in the middle of the story');
  }

  protected override refused(what: string, reason: string): FlashlmError {
    return this.failure(`The firmware refused ${what}: ${reason}`);
  }

  private failure(what: string): FlashlmError {
    return new FlashlmError(
      'emulator-failed',
      `${what}${complaintOf(this.firmware, this.complaints)}.`,
      'Run again with --verbose, or try --board host.',
    );
  }
}
