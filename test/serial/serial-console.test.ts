import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySettings, encodeLine, type StorySettings, traceStory } from '../../src/emulate/trace.js';
import { generateTrace } from '../../src/integer/generate.js';
import { SerialConsole } from '../../src/serial/serial-console.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { Workbench } from './fixture.js';

const SETTINGS: StorySettings = {
  prompt: 'Once upon a time',
  tokens: 200,
  seed: 7,
  temperatureThousandths: 1250,
  topK: 64,
};
const NO_PATIENCE = { attempts: [0.2, 0.2] };

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.create();
});
afterAll(() => workbench.end());

async function tell(console: SerialConsole, settings: StorySettings) {
  await applySettings(console, settings);
  const pieces: string[] = [];
  const told = await console.tell(encodeLine(settings.prompt), (text) => pieces.push(text));
  expect(pieces.join('')).toBe(told.text);
  return { told, pieces };
}

describe('a story from firmware', () => {
  it('is the text of the reference, several over one connection', async () => {
    const { device } = await workbench.startFirmware();
    const console = await SerialConsole.open(device);
    const stories = [
      SETTINGS,
      { ...SETTINGS, seed: 4294967295, tokens: 1 },
      { ...SETTINGS, prompt: 'Zoë fährt – naïve 🐢!' },
      { ...SETTINGS, prompt: '', temperatureThousandths: 0 },
      { ...SETTINGS, prompt: 'error: x' },
      { ...SETTINGS, prompt: 'é'.repeat(127), topK: 3 },
    ];
    for (const settings of stories) {
      const { told } = await tell(console, settings);
      expect(told.text).toBe(workbench.referenceText(settings));
      expect(told.tokens).toBeLessThanOrEqual(settings.tokens);
      expect(told.seconds).not.toBeNull();
      expect(told.tokensPerSecond).toBeGreaterThan(0);
    }
    await console.close();
  });

  it('streams', async () => {
    const { device } = await workbench.startFirmware();
    const console = await SerialConsole.open(device);
    const settings = longStory();
    const { told, pieces } = await tell(console, settings);
    expect(told.text).toBe(workbench.referenceText(settings));
    expect(pieces.length).toBeGreaterThan(1);
    await console.close();
  });

  it('can be traced', async () => {
    const { device } = await workbench.startFirmware();
    const console = await SerialConsole.open(device);
    const trace = await traceStory(console, SETTINGS);
    const prompt = Tokenizer.fromPieces(workbench.model.pieces).encode(SETTINGS.prompt);
    expect(trace.checksum).toBe(generateTrace(workbench.model, { ...SETTINGS, prompt }).checksum);
    await console.close();
  });
});

describe('a connection', () => {
  it('works after a client that left in the middle of a story, in trace', async () => {
    const { device } = await workbench.startFirmware();
    const first = await SerialConsole.open(device);
    await applySettings(first, longStory());
    const left = new Promise<void>((resolve) => {
      first.tell('Once', () => resolve()).catch(() => undefined);
    });
    await left;
    await first.close();

    const second = await SerialConsole.open(device);
    await second.set('/trace 1');
    await second.close();

    const third = await SerialConsole.open(device);
    expect((await tell(third, SETTINGS)).told.text).toBe(workbench.referenceText(SETTINGS));
    await third.close();
  });

  it('is refused while another one holds the port', async () => {
    const { device } = await workbench.startFirmware();
    const first = await SerialConsole.open(device);
    await expect(SerialConsole.open(device)).rejects.toMatchObject({
      code: 'port-failed',
      what: `Another program uses ${device}.`,
    });
    await first.close();
  });

  it('ends with an error when the board goes away', async () => {
    const terminal = await workbench.startFirmware();
    const console = await SerialConsole.open(terminal.device);
    await applySettings(console, { ...SETTINGS, tokens: 65535 });
    const told = console.tell('Once', () => terminal.close());
    await expect(told).rejects.toMatchObject({ code: 'port-failed', what: /has gone away/ });
    await console.close();
  });

  it('says what the firmware refuses', async () => {
    const { device } = await workbench.startFirmware();
    const console = await SerialConsole.open(device);
    await expect(console.set('/topk 65')).rejects.toMatchObject({ code: 'port-failed', what: /refused/ });
    await expect(console.tell('x'.repeat(256))).rejects.toMatchObject({ code: 'port-failed', what: /255/ });
    expect((await tell(console, SETTINGS)).told.text).toBe(workbench.referenceText(SETTINGS));
    await console.close();
  });
});

describe('a port without firmware', () => {
  it('may not be there', async () => {
    await expect(SerialConsole.open('/dev/no-such-port')).rejects.toMatchObject({
      code: 'port-failed',
      exitCode: 3,
      what: 'There is no port /dev/no-such-port.',
    });
  });

  it('may be no serial port', async () => {
    await expect(SerialConsole.open('/dev/null')).rejects.toMatchObject({
      code: 'port-failed',
      what: /^\/dev\/null is no serial port/,
    });
  });

  it('may be silent', async () => {
    const { device } = await workbench.startSpeakingPort('');
    await expect(SerialConsole.open(device, NO_PATIENCE)).rejects.toMatchObject({
      code: 'port-failed',
      what: `Nothing answers on ${device}.`,
    });
  });

  it('may belong to the boot ROM of an ESP chip', async () => {
    const { device } = await workbench.startSpeakingPort(
      'ESP-ROM:esp32c3-api1-20210207\r\nrst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r\n',
    );
    await expect(SerialConsole.open(device, NO_PATIENCE)).rejects.toMatchObject({
      code: 'port-failed',
      what: /boot ROM of an ESP chip/,
    });
  });

  it('may belong to another program', async () => {
    const { device } = await workbench.startSpeakingPort('\x1b[2JMicroPython v1.22\r\n>>> ');
    await expect(SerialConsole.open(device, NO_PATIENCE)).rejects.toMatchObject({
      code: 'port-failed',
      what: /heard was ".*MicroPython v1\.22 >>>"/,
    });
  });
});

function longStory(): StorySettings {
  // A seed whose story does not end early: enough bytes that they arrive in many pieces.
  for (let seed = 1; ; seed++) {
    const settings = { ...SETTINGS, seed, tokens: 3000 };
    if (workbench.referenceText(settings).length > 2000) return settings;
  }
}
