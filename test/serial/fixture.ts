import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TextDecoder } from 'node:util';
import { execa } from 'execa';
import { findBoard } from '../../src/boards/load.js';
import { make } from '../../src/compile/make.js';
import { findToolchain } from '../../src/compile/toolchains.js';
import { EMULATOR_ELF } from '../../src/emulate/emulator-firmware.js';
import { findEmulator } from '../../src/emulate/emulators.js';
import { type PseudoTerminal, startPseudoTerminal } from '../../src/emulate/pseudo-terminal.js';
import type { StorySettings } from '../../src/emulate/trace.js';
import { generateProject } from '../../src/generate/project.js';
import { writeImage } from '../../src/image/write.js';
import { generateTrace } from '../../src/integer/generate.js';
import type { IntegerModel } from '../../src/integer/model.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { makeRandomModel, SMALL_CONFIG } from '../integer/random-model.js';

/** Programs that serve pseudo-terminals, compiled into a folder of their own. */
export class Workbench {
  readonly model: IntegerModel = makeRandomModel(SMALL_CONFIG, 5);
  private readonly running: PseudoTerminal[] = [];

  private constructor(private readonly folder: string) {}

  static async create(): Promise<Workbench> {
    const workbench = new Workbench(await mkdtemp(path.join(tmpdir(), 'flashlm-serial-')));
    const directory = path.join(workbench.folder, 'firmware');
    await generateProject({
      image: writeImage(workbench.model),
      board: await findBoard('host'),
      framework: 'bare',
      directory,
      toolchain: findToolchain('host'),
      emulatorPort: 'host',
    });
    await make(directory, 'emulator');
    const source = fileURLToPath(new URL('speaking_port.c', import.meta.url));
    await execa('gcc', ['-o', path.join(workbench.folder, 'speaking_port'), source]);
    return workbench;
  }

  /** Firmware on a new pseudo-terminal. */
  async startFirmware(): Promise<PseudoTerminal> {
    return this.start(path.join(this.folder, 'firmware', EMULATOR_ELF), ['--pty']);
  }

  /** A pseudo-terminal that answers every line with the same text. */
  async startSpeakingPort(text: string): Promise<PseudoTerminal> {
    return this.start(path.join(this.folder, 'speaking_port'), [text]);
  }

  /** The story as the integer reference tells it, as text. */
  referenceText(settings: StorySettings): string {
    const tokenizer = Tokenizer.fromPieces(this.model.pieces);
    const trace = generateTrace(this.model, { ...settings, prompt: tokenizer.encode(settings.prompt) });
    const bytes = Buffer.concat([Buffer.from(settings.prompt, 'utf8'), tokenizer.decodeBytes(trace.sampled)]);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }

  async end(): Promise<void> {
    for (const terminal of this.running) terminal.close();
    await Promise.all(this.running.map((terminal) => terminal.ended));
    await rm(this.folder, { recursive: true, force: true });
  }

  private async start(program: string, programArguments: string[]): Promise<PseudoTerminal> {
    const emulator = { ...findEmulator('host'), arguments: () => programArguments };
    const terminal = await startPseudoTerminal({ emulator, elfFile: program });
    this.running.push(terminal);
    return terminal;
  }
}
