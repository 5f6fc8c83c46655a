import { FlashlmError } from '../errors.js';
import { type ClosingLine, StoryReceiver } from './story-receiver.js';

/** A story as the firmware told it. */
export interface ToldStory extends ClosingLine {
  /** Prompt and story. */
  text: string;
}

const PROMPT = /(?:^|\r?\n)> $/;
/** A prompt ends what was received; more than these characters need not be looked at. */
const PROMPT_CHARACTERS = 4;
/** What `listen` returns when nothing arrives. */
export const SILENCE = Symbol('silence');

/**
 * A conversation with firmware in the language of docs/console.md, whatever carries its bytes. Those who extend it
 * hand over what arrives (`hear`), say when nothing will arrive any more (`hearNoMore`), and know the right words for
 * what can go wrong.
 */
export abstract class ConsoleClient {
  private onBytes: (bytes: string) => void = () => undefined;
  private onLost: () => void = () => undefined;

  /** @param silenceSeconds a guard against hangs: firmware that says nothing for so long is given up */
  protected constructor(protected readonly silenceSeconds: number) {}

  protected abstract write(bytes: Buffer): void;
  /** Whether something may still arrive. */
  protected abstract isOpen(): boolean;
  protected abstract lost(): FlashlmError;
  /** @param heard the last that was heard, as latin1 */
  protected abstract silent(heard: string): FlashlmError;
  protected abstract restarted(): FlashlmError;
  /**
   * @param what what the firmware was asked for
   * @param reason in the firmware's words, without a full stop
   */
  protected abstract refused(what: string, reason: string): FlashlmError;

  /**
   * Sends a line and returns what the firmware says until it asks for the next, without the prompt; bytes as latin1,
   * LF for CR LF. Not for stories outside of a trace: their text may look like the prompt.
   */
  async ask(line: string): Promise<string> {
    this.send(line);
    return this.untilPrompt();
  }

  /** Sends a settings command. @throws FlashlmError if the firmware refuses it */
  async set(command: string): Promise<void> {
    const answer = await this.ask(command);
    if (answer.startsWith('error')) throw this.refusal(`"${command}"`, answer);
  }

  /**
   * Has a story told with the settings that are set, outside of a trace.
   *
   * @param line the prompt, as encodeLine of src/emulate/trace.ts lets it pass
   * @param onText receives prompt and story as they arrive
   * @throws FlashlmError if the firmware falls silent, restarts or goes away; bad-image if its image is damaged
   */
  async tell(line: string, onText: (text: string) => void = () => undefined): Promise<ToldStory> {
    const receiver = new StoryReceiver(line);
    let text = '';
    this.send(line);
    const closing = await this.listen((bytes) => {
      const piece = receiver.push(bytes);
      text += piece;
      if (piece !== '') onText(piece);
      if (receiver.refusal !== null) throw this.refusal('the story', receiver.refusal);
      if (receiver.restarted) throw this.restarted();
      return receiver.closing ?? undefined;
    }, this.silenceSeconds);
    if (closing === SILENCE) throw this.silent(text);
    return { text, ...closing };
  }

  /** What the firmware says until it asks for a line, without the prompt; bytes as latin1, LF for CR LF. */
  protected async untilPrompt(): Promise<string> {
    let received = '';
    const answer = await this.listen((bytes) => {
      received += bytes;
      return PROMPT.test(received.slice(-PROMPT_CHARACTERS)) ? received : undefined;
    }, this.silenceSeconds);
    if (answer === SILENCE) throw this.silent(received);
    return answer.replace(PROMPT, '').replaceAll('\r\n', '\n');
  }

  protected send(line: string): void {
    this.write(Buffer.from(`${line}\n`, 'utf8'));
  }

  /** @param bytes as latin1: a chunk may end within a UTF-8 character, and every byte must arrive as it was sent */
  protected hear(bytes: string): void {
    this.onBytes(bytes);
  }

  protected hearNoMore(): void {
    this.onLost();
  }

  /** Hands arriving bytes on until `onBytes` returns something or throws, or nothing arrives for so many seconds. */
  protected listen<T>(
    onBytes: (bytes: string) => T | undefined,
    seconds: number,
  ): Promise<T | typeof SILENCE> {
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
      if (!this.isOpen()) this.onLost();
    });
  }

  /** @param answer the firmware's, with or without its "error: " */
  protected refusal(what: string, answer: string): FlashlmError {
    const reason = answer
      .trim()
      .replace(/^error: /, '')
      .replace(/\.$/, '');
    return reason.startsWith('image section')
      ? new FlashlmError(
          'bad-image',
          `The firmware finds: ${reason.replace(/;.*/, '')}.`,
          'Flash the model again.',
        )
      : this.refused(what, reason);
  }
}
