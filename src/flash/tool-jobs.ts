import path from 'node:path';
import type { FlashMethod } from '../boards/flash-method.js';
import { FLASH_TOOLS, type FlashTool } from './flash-tools.js';

/** What a tool is called with, and how its words are understood. */
export interface ToolJob {
  tool: FlashTool;
  words: string[];
  /** What it says as soon as it changes what is on the board. */
  begun: RegExp;
  /** What it says where no board is to be found. */
  noBoard: RegExp;
  /** What it says of another chip than the firmware's; null if it does not look. */
  wrongChip: RegExp | null;
  /** What it says when the firmware is on the board, whatever its exit code; null if the exit code is to be trusted. */
  done: RegExp | null;
  /** How a person starts the boot loader by hand. */
  byHand: string;
  /** Whether it reads back what it has written. */
  verifies: boolean;
}

/** Methods that another program carries out. */
export type ToolMethod = Exclude<FlashMethod, { method: 'esp' | 'uf2' }>;

/** Tools that can do what a method says, the one that needs least first. */
export function toolsFor(method: ToolMethod): FlashTool[] {
  switch (method.method) {
    case 'avrdude':
      return [FLASH_TOOLS.avrdude];
    case 'teensy':
      return [FLASH_TOOLS.teensyLoader];
    case 'bossac':
      return [FLASH_TOOLS.bossac];
    case 'dfu-util':
      return method.stLink === true ? [FLASH_TOOLS.dfuUtil, FLASH_TOOLS.stFlash] : [FLASH_TOOLS.dfuUtil];
  }
}

/** Whether a tool speaks over a serial port; the others look for the board on USB by themselves. */
export function needsPort(method: ToolMethod): boolean {
  return method.method === 'avrdude' || method.method === 'bossac';
}

/** Whether the running program must give way to its boot loader first. */
export function needsTouch(method: ToolMethod, tool: FlashTool): boolean {
  return 'touch' in method && method.touch && tool.name !== FLASH_TOOLS.stFlash.name;
}

/**
 * The call of one tool.
 *
 * @param tool one of `toolsFor(method)`
 * @param file what is flashed
 * @param port path of the serial port, for the tools that need one
 */
export function toolJob(method: ToolMethod, tool: FlashTool, file: string, port: string): ToolJob {
  switch (method.method) {
    case 'avrdude':
      return {
        tool,
        // -D: these boot loaders erase what they write by themselves, and know no erasing of all
        words: [
          ...['-p', method.part, '-c', method.programmer, '-P', port, '-b', String(method.baud)],
          ...['-D', '-U', `flash:w:${file}:i`],
        ],
        begun: /\bwriting\b.*\bflash\b|\bwriting \|/i,
        noBoard: /can't open device|cannot open port|unable to open|not in sync|timeout/i,
        wrongChip: /signature.*(mismatch|doesn't match|does not match)|expected signature/i,
        done: null,
        byHand: 'Press reset as soon as avrdude begins, and run this again.',
        verifies: true,
      };
    case 'teensy':
      return {
        tool,
        words: [`--mcu=${method.mcu}`, '-s', '-v', file],
        begun: /^Programming/m,
        noBoard: /Unable to open device|Waiting for Teensy device/,
        wrongChip: null,
        done: null,
        byHand: 'Press the button on the Teensy, and run this again.',
        verifies: false,
      };
    case 'bossac':
      return {
        tool,
        // as platform.txt of Arduino's core calls it; on Linux it wants the name without /dev
        words: [`--port=${port.replace(/^\/dev\//, '')}`, '-U', '-i', '-e', '-w', file, '-R'],
        begun: /^(Erase|Write) /m,
        noBoard: /No device found/i,
        wrongChip: null,
        done: null,
        byHand: 'Press the button of the board twice, and run this again.',
        verifies: false,
      };
    case 'dfu-util':
      return tool.name === FLASH_TOOLS.stFlash.name
        ? stFlashJob(tool, method.address ?? 0, file)
        : dfuUtilJob(tool, method, file);
  }
}

function dfuUtilJob(
  tool: FlashTool,
  { usb, address, touch }: Extract<ToolMethod, { method: 'dfu-util' }>,
  file: string,
): ToolJob {
  const place = address === undefined ? ['-R'] : ['-s', `0x${address.toString(16).padStart(8, '0')}:leave`];
  return {
    tool,
    words: ['-d', usb, '-a', '0', ...place, '-D', file],
    begun: /^Download(ing)?\b/m,
    noBoard: /No DFU capable USB device/i,
    wrongChip: null,
    // A board that starts its program at once does not answer dfu-util's last question, which it calls an error.
    done: /File downloaded successfully|^Download done/m,
    byHand: touch
      ? 'Press the button of the board twice, and run this again.'
      : 'Hold BOOT0, press and release reset, release BOOT0, and run this again.',
    verifies: false,
  };
}

function stFlashJob(tool: FlashTool, address: number, file: string): ToolJob {
  return {
    tool,
    words: ['--reset', 'write', path.normalize(file), `0x${address.toString(16).padStart(8, '0')}`],
    begun: /Attempting to write|Erasing|Flash page/i,
    noBoard: /Couldn't find any ST-Link|No ST-Link|unknown chip id! 0x0\b|Failed to connect/i,
    wrongChip: null,
    done: null,
    byHand: 'Connect the ST-Link to SWDIO, SWCLK, ground and 3.3 V, and run this again.',
    verifies: true,
  };
}
