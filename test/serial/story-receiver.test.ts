import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFailure } from '../../src/serial/open-port.js';
import { StoryReceiver } from '../../src/serial/story-receiver.js';

const CLOSING = '\r\n[64 tokens in 3.2 s: 20.0 tokens/s]\r\n> ';

function receive(prompt: string, chunks: string[]) {
  const receiver = new StoryReceiver(prompt);
  const text = chunks.map((chunk) => receiver.push(chunk)).join('');
  return { text, receiver };
}

/** Cuts bytes at arbitrary places. */
function cut(bytes: string, places: number[]): string[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.slice(i === 0 ? 0 : ends[i - 1], end));
}

describe('the receiver of a story', () => {
  it.each([
    'Once upon a time.',
    '',
    'A list:\n\n> [3 tokens]\n> Zoë 🐢\n',
    'error: x\n> ',
    '\n[64 tokens in\n[',
    'a\r',
  ])('separates %j from the closing line, wherever the bytes are cut', (story) => {
    const bytes = Buffer.from(story.replaceAll('\n', '\r\n'), 'utf8').toString('latin1') + CLOSING;
    fc.assert(
      fc.property(fc.array(fc.nat()), (places) => {
        const { text, receiver } = receive(story.slice(0, 8), cut(bytes, places));
        expect(text).toBe(story);
        expect(receiver).toMatchObject({
          closing: { tokens: 64, seconds: 3.2, tokensPerSecond: 20 },
          refusal: null,
          restarted: false,
        });
      }),
    );
  });

  it('takes a closing line of a board without a clock', () => {
    const { text, receiver } = receive('Tom', ['Tom ran', '\r\n[2 tokens]', '\r\n> ']);
    expect(text).toBe('Tom ran');
    expect(receiver.closing).toEqual({ tokens: 2, seconds: null, tokensPerSecond: null });
  });

  it('gives every byte that cannot belong to the closing line at once', () => {
    const receiver = new StoryReceiver('Tom');
    expect(receiver.push('Tom')).toBe('Tom');
    expect(receiver.push(' ran\r')).toBe(' ran');
    expect(receiver.push('\n[')).toBe('');
    expect(receiver.push('\r\n')).toBe('\n[');
    expect(receiver.push('x')).toBe('\nx');
  });

  it('recognises a refusal, in pieces too', () => {
    const { text, receiver } = receive('Tom', ['err', 'or: image section header is damaged.\r', '\n> ']);
    expect(text).toBe('');
    expect(receiver.refusal).toBe('image section header is damaged.');
  });

  it.each([
    'flashlm-mcu: mcu, 3 parameters, image 4 bytes, fingerprint 00000000\r\nType the beginning\r\n> ',
    'ets Jul 29 2019 12:21:46\r\n\r\nrst:0x8 (TG1WDT_SYS_RESET),boot:0x13\r\n',
  ])('recognises a restart', (greeting) => {
    expect(receive('Tom', ['Tom ra', greeting]).receiver.restarted).toBe(true);
  });
});

describe('a port that does not open', () => {
  it.each([
    ['Error: No such file or directory, cannot open /dev/x', ['/dev/ttyUSB0'], /no port.*ttyUSB0/],
    ['Opening COM3: File not found', [], /no port.*plug the board in/],
    ['Error: Permission denied, cannot open /dev/x', [], /may not open.*dialout/],
    ['Error Resource temporarily unavailable Cannot lock port', [], /Another program.*serial monitor/],
    ['Error: Device or resource busy, cannot open /dev/x', [], /Another program.*serial monitor/],
    ['Opening COM3: Access denied', [], /may not be opened.*serial monitor/],
    ['Error: Is a directory, cannot open /dev/x', ['/dev/ttyACM0'], /no serial port \(Is a.*ttyACM0/],
  ])('"%s" is explained', (message, ports, explanation) => {
    const error = openFailure('/dev/x', new Error(message), ports);
    expect(error).toMatchObject({ code: 'port-failed', exitCode: 3 });
    expect(error.message).toMatch(explanation);
  });
});
