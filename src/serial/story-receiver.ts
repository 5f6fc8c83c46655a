import { TextDecoder } from 'node:util';

/** What the line in brackets says that ends a story. */
export interface ClosingLine {
  /** Tokens sampled, an end-of-story token included. */
  tokens: number;
  /** By the clock of the board; null where it has none. */
  seconds: number | null;
  tokensPerSecond: number | null;
}

const CLOSING = /\r\n\[(\d+) tokens(?: in (\d+\.\d) s: (\d+\.\d) tokens\/s)?\]\r\n> $/;
/** An end that may become the closing line when more arrives. */
const MAYBE_CLOSING = /\r(?:\n(?:\[(?:\d[\d a-z.:/]*(?:\](?:\r(?:\n(?:> ?)?)?)?)?)?)?)?$/;
const REFUSAL_START = 'error: ';
const REFUSAL = /^error: ([^\r\n]*)\r\n> $/;
/** The boot ROM of an ESP chip, or the firmware's own greeting. */
const RESTART = /rst:0x[0-9a-f]+ \(|flashlm-mcu: [^\r\n]*\r\n[^\r\n]*\r\n> $/;
/** A greeting is shorter. */
const RECENT_BYTES = 300;

/** Takes the bytes of a told story apart as they arrive: text, closing line, or why there is none. */
export class StoryReceiver {
  /** Set once the story is complete. */
  closing: ClosingLine | null = null;
  /** Set if the firmware answers with an error instead of a story. */
  refusal: string | null = null;
  /** Whether the board restarted in the middle. */
  restarted = false;

  /** Bytes, as latin1, that may not be text. */
  private held = '';
  private recent = '';
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private mayBeRefused: boolean;

  constructor(prompt: string) {
    // The firmware repeats the prompt first, so this one cannot be told from an error by its beginning.
    this.mayBeRefused = !prompt.startsWith(REFUSAL_START);
  }

  /**
   * @param bytes as latin1, cut anywhere
   * @returns text that is certainly the story's, with LF for CR LF
   */
  push(bytes: string): string {
    this.held += bytes;
    this.recent = (this.recent + bytes).slice(-RECENT_BYTES);
    if (this.mayBeRefused) {
      const start = this.held.slice(0, REFUSAL_START.length);
      if (REFUSAL_START.startsWith(start)) {
        this.refusal = REFUSAL.exec(this.held)?.[1] ?? null;
        if (!CLOSING.test(this.held)) return '';
      }
      this.mayBeRefused = false;
    }
    const closing = CLOSING.exec(this.held);
    if (closing !== null) {
      this.closing = {
        tokens: Number(closing[1]),
        seconds: closing[2] === undefined ? null : Number(closing[2]),
        tokensPerSecond: closing[3] === undefined ? null : Number(closing[3]),
      };
      return this.take(closing.index, false);
    }
    this.restarted = RESTART.test(this.recent);
    return this.take(MAYBE_CLOSING.exec(this.held)?.index ?? this.held.length, true);
  }

  private take(count: number, stream: boolean): string {
    const bytes = Buffer.from(this.held.slice(0, count).replaceAll('\r\n', '\n'), 'latin1');
    this.held = this.held.slice(count);
    return this.decoder.decode(bytes, { stream });
  }
}
