import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { execa } from 'execa';

/**
 * The SPI controller that reaches flash: where it begins, and its registers from there. `receives` says where the bits that
 * it receives are counted, less one: in a register of their own, or in some bits of another.
 */
interface SpiController {
  base: number;
  user: number;
  user2: number;
  receives: { register: number; shift: number };
  data: number;
}

/** Of Espressif's technical reference manuals, as esptool has them too. */
function spiOfEsp32(base: number, first: number, data: number): SpiController {
  const receives = { register: first + 0x10, shift: 0 };
  return { base, user: first, user2: first + 0x08, receives, data };
}
const SPI_OF_ESP8266: SpiController = {
  ...{ base: 0x60000200, user: 0x1c, user2: 0x24, data: 0x40 },
  receives: { register: 0x20, shift: 8 },
};

/** What tells the chips apart, as far as esptool-js looks. */
const CHIPS = {
  'ESP32-C3': { securityInfo: 5, magic: 0x1b31506f, spi: spiOfEsp32(0x60002000, 0x18, 0x58) },
  'ESP32-C6': { securityInfo: 13, magic: 0x2ce0806f, spi: spiOfEsp32(0x60003000, 0x18, 0x58) },
  'ESP32-S3': { securityInfo: 9, magic: 0x09, spi: spiOfEsp32(0x60002000, 0x18, 0x58) },
  ESP32: { securityInfo: null, magic: 0x00f01d83, spi: spiOfEsp32(0x3ff42000, 0x1c, 0x80) },
  ESP8266: { securityInfo: null, magic: 0xfff0c101, spi: SPI_OF_ESP8266 },
} as const;

export interface Tricks {
  /** So many packets that the chip sends lose a byte, from the first on. */
  losesBytesOfAnswers?: number;
  /** The blocks of data with these numbers lose a byte on their way to the chip, once each. */
  losesBytesOfBlocks?: number[];
  /** What lies in flash changes before it is compared. */
  spoilsFlash?: boolean;
  /** The cable is pulled when the block with this number arrives. */
  unplugsAtBlock?: number;
  /** Called when the block with a number arrives. */
  atBlock?: Record<number, () => void>;
  /** Nobody answers, from now on. */
  isSilent?: boolean;
  /** A program runs that answers everything with a line of text, as a board does that no line can reset. */
  tellsStories?: boolean;
  flashBytes?: number;
  /** What the flash chip says of itself, 24 bits; left out, an id that tells its size. */
  flashId?: number;
}

const MAGIC_REGISTER = 0x40001000;
const SPI_START = 1 << 18;
const SPI_SENDS_AND_RECEIVES = ((1 << 31) | (1 << 28)) >>> 0;
const SPI_LENGTH_MASK = 0xff;
const READ_FLASH_ID = 0x9f;
const SECTOR_BYTES = 4096;
const BAD_CHECKSUM = 0x07;

/** Compiles pty_bridge.c. @returns the program, alone in a new folder */
export async function compileBridge(): Promise<string> {
  const program = path.join(await mkdtemp(path.join(tmpdir(), 'flashlm-bridge-')), 'pty_bridge');
  await execa('gcc', ['-o', program, fileURLToPath(new URL('pty_bridge.c', import.meta.url))]);
  return program;
}

/**
 * A stand-in for an ESP chip on a real pseudo-terminal: it speaks the part of the boot ROM's and the flasher stub's
 * protocol that esptool-js uses, and keeps what it is sent to write. It is no emulator: it takes the flasher stub's code
 * without running it, has no baud rate and no reset, and accepts whatever rate it is spoken to at. That a real chip can
 * be flashed is proven by a real chip alone.
 */
export class EspStandIn {
  readonly flash: Uint8Array;
  /** Names of the commands, in the order in which they came. */
  readonly commands: string[] = [];
  private readonly registers = new Map<number, number>();
  private received: number[] = [];
  private isStub = false;
  private stubBytesMissing = 0;
  private writing = { offset: 0, size: 0, blocks: [] as Buffer[], count: 0 };
  private answersToSpoil: number;
  private readonly blocksToSpoil: Set<number>;

  private constructor(
    readonly device: string,
    private readonly bridge: ChildProcess,
    private readonly chip: keyof typeof CHIPS,
    private readonly tricks: Tricks,
  ) {
    this.flash = new Uint8Array(tricks.flashBytes ?? 4 << 20).fill(0xff);
    this.answersToSpoil = tricks.losesBytesOfAnswers ?? 0;
    this.blocksToSpoil = new Set(tricks.losesBytesOfBlocks);
    bridge.stdout?.on('data', (bytes: Buffer) => this.hear(bytes));
    bridge.stdin?.on('error', () => undefined); // the cable is pulled
  }

  /** @param bridgeProgram pty_bridge.c, compiled */
  static async start(
    bridgeProgram: string,
    chip: keyof typeof CHIPS,
    tricks: Tricks = {},
  ): Promise<EspStandIn> {
    const bridge = spawn(bridgeProgram, { stdio: 'pipe' });
    const [said] = await once(bridge.stderr, 'data');
    const device = /^pty (\S+)/.exec(String(said))?.[1];
    if (device === undefined) throw new Error(`no pseudo-terminal: ${said}`);
    return new EspStandIn(device, bridge, chip, tricks);
  }

  async unplug(): Promise<void> {
    if (this.bridge.exitCode !== null || this.bridge.signalCode !== null) return;
    const ended = once(this.bridge, 'exit');
    this.bridge.kill('SIGKILL');
    await ended;
  }

  private hear(bytes: Buffer): void {
    if (this.tricks.tellsStories === true) {
      this.bridge.stdin?.write('error: a prompt has 255 bytes at most\r\n> ');
      return;
    }
    for (const byte of bytes) {
      if (byte !== 0xc0) this.received.push(byte);
      else if (this.received.length > 0) {
        const packet = unescaped(this.received);
        this.received = [];
        if (this.tricks.isSilent !== true) this.obey(packet);
      }
    }
  }

  private obey(packet: Buffer): void {
    if (packet.length < 8 || packet[0] !== 0) return;
    const op = packet[1];
    const checksum = packet.readUInt32LE(4);
    const data = packet.subarray(8);
    const word = (index: number) => data.readUInt32LE(4 * index);
    this.commands.push(COMMANDS[op] ?? `0x${op.toString(16)}`);
    switch (COMMANDS[op]) {
      case 'sync':
        for (let count = 0; count < 8; count++) this.answer(op, { value: 0x20120707 });
        break;
      case 'read register':
        this.answer(op, { value: this.readRegister(word(0)) });
        break;
      case 'write register':
        this.writeRegister(word(0), word(1));
        this.answer(op);
        break;
      case 'security info':
        this.tellSecurityInfo(op);
        break;
      case 'RAM begin':
        this.stubBytesMissing = word(0);
        this.answer(op);
        break;
      case 'RAM data':
        this.stubBytesMissing -= word(0);
        this.answer(op, { isBad: checksum !== checksumOf(data.subarray(16)) });
        break;
      case 'RAM end':
        this.answer(op, { isBad: this.stubBytesMissing !== 0 });
        this.isStub = true;
        this.send(Buffer.from('OHAI'));
        break;
      case 'flash begin':
        this.writing = { size: word(0), count: word(1), offset: word(3), blocks: [] };
        // erased in sectors
        this.flash.fill(0xff, word(3), word(3) + Math.ceil(word(0) / SECTOR_BYTES) * SECTOR_BYTES);
        this.answer(op);
        break;
      case 'flash data':
        this.takeBlock(op, word(1), checksum, data);
        break;
      case 'MD5':
        this.tellMd5(op, word(0), word(1));
        break;
      case 'SPI attach':
      case 'change baud rate':
      case 'flash end':
        this.answer(op);
        break;
      default:
        this.refuse();
    }
  }

  private takeBlock(op: number, number: number, checksum: number, data: Buffer): void {
    if (number === this.tricks.unplugsAtBlock) {
      this.unplug();
      return;
    }
    this.tricks.atBlock?.[number]?.();
    if (this.tricks.isSilent === true) return;
    const isSpoiled = this.blocksToSpoil.delete(number);
    const block = isSpoiled ? data.subarray(16, -1) : data.subarray(16);
    const { blocks, count, offset, size } = this.writing;
    const isBad =
      block.length !== data.readUInt32LE(0) || checksumOf(block) !== checksum || number !== blocks.length;
    if (!isBad) {
      blocks.push(block);
      if (blocks.length === count) {
        const content = inflateSync(Buffer.concat(blocks));
        if (content.length !== size) throw new Error(`announced ${size} bytes, came ${content.length}`);
        this.flash.set(content, offset);
        if (this.tricks.spoilsFlash === true) this.flash[offset] ^= 1;
      }
    }
    this.answer(op, { isBad });
  }

  private tellMd5(op: number, start: number, size: number): void {
    const hash = createHash('md5').update(this.flash.subarray(start, start + size));
    // the ROM writes it in letters, the stub in bytes
    this.answer(op, { data: this.isStub ? hash.digest() : Buffer.from(hash.digest('hex')) });
  }

  private tellSecurityInfo(op: number): void {
    const { securityInfo } = CHIPS[this.chip];
    const data = Buffer.alloc(20);
    data.writeUInt32LE(securityInfo ?? 0, 12);
    if (securityInfo === null) this.refuse();
    else this.answer(op, { data });
  }

  private readRegister(address: number): number {
    if (address === MAGIC_REGISTER) return CHIPS[this.chip].magic;
    return this.registers.get(address) ?? 0;
  }

  private writeRegister(address: number, value: number): void {
    const { spi } = CHIPS[this.chip];
    if (address !== spi.base) this.registers.set(address, value);
    else if (value === SPI_START) this.registers.set(spi.base + spi.data, this.spiAnswer(spi));
  }

  /** Of what a flash chip is asked over SPI, only its id: 0xef, 0x40, and the binary logarithm of its size. */
  private spiAnswer({ base, user, user2, receives }: SpiController): number {
    const register = (offset: number) => this.readRegister(base + offset);
    const isAskedForId = (register(user2) & 0xff) === READ_FLASH_ID;
    if (register(user) >>> 0 !== SPI_SENDS_AND_RECEIVES || !isAskedForId) return 0;
    const bits = ((register(receives.register) >> receives.shift) & SPI_LENGTH_MASK) + 1;
    const id = this.tricks.flashId ?? (Math.log2(this.flash.length) << 16) | 0x40ef;
    return id & (2 ** bits - 1);
  }

  private answer(op: number, answer: { value?: number; data?: Buffer; isBad?: boolean } = {}): void {
    const { value = 0, data = Buffer.alloc(0), isBad = false } = answer;
    const status = Buffer.alloc(this.isStub ? 2 : 4);
    if (isBad) status.set([1, BAD_CHECKSUM]);
    const packet = Buffer.alloc(8);
    packet.set([1, op]);
    packet.writeUInt16LE(data.length + status.length, 2);
    packet.writeUInt32LE(value >>> 0, 4);
    this.send(Buffer.concat([packet, data, status]));
  }

  /** An unknown command, as esptool-js expects a ROM to refuse it: under another number, eight times. */
  private refuse(): void {
    const packet = Buffer.from([1, 0xff, 2, 0, 0, 0, 0, 0, 1, 5]);
    for (let count = 0; count < 8; count++) this.send(packet);
  }

  private send(packet: Buffer): void {
    const bytes = escaped(packet);
    if (this.answersToSpoil > 0) {
      this.answersToSpoil--;
      bytes.splice(1, 1);
    }
    this.bridge.stdin?.write(Buffer.from(bytes));
  }
}

const COMMANDS: Partial<Record<number, string>> = {
  5: 'RAM begin',
  6: 'RAM end',
  7: 'RAM data',
  8: 'sync',
  9: 'write register',
  10: 'read register',
  13: 'SPI attach',
  15: 'change baud rate',
  16: 'flash begin',
  17: 'flash data',
  18: 'flash end',
  19: 'MD5',
  20: 'security info',
};

function checksumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0xef);
}

function unescaped(bytes: number[]): Buffer {
  const packet: number[] = [];
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== 0xdb) packet.push(bytes[index]);
    else packet.push(bytes[++index] === 0xdc ? 0xc0 : 0xdb);
  }
  return Buffer.from(packet);
}

function escaped(packet: Buffer): number[] {
  const escapes = new Map([
    [0xc0, [0xdb, 0xdc]],
    [0xdb, [0xdb, 0xdd]],
  ]);
  return [0xc0, ...[...packet].flatMap((byte) => escapes.get(byte) ?? [byte]), 0xc0];
}
