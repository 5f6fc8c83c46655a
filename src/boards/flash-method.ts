import { z } from 'zod';

const offset = z.int().min(0);
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'must be one word');
const usbIds = z
  .string()
  .regex(/^[0-9a-f]{4}:[0-9a-f]{4}(,[0-9a-f]{4}:[0-9a-f]{4})?$/, 'must be like "0483:df11"');

/** How firmware gets onto a board: which tool writes it, and what that tool must be told. */
export const flashMethodSchema = z.discriminatedUnion('method', [
  z.strictObject({
    /** Over the serial port, by the protocol of Espressif's boot ROM. */
    method: z.literal('esp'),
    /** As the chip is called by esptool, for example "ESP32-C3". */
    chip: word,
    /** Where the boot loader that frameworks add lies in flash; left out where there is none. */
    bootloaderOffset: offset.optional(),
  }),
  z.strictObject({
    /** Copied to the USB drive that the boot loader shows. */
    method: z.literal('uf2'),
    /** What INFO_UF2.TXT on that drive says behind "Board-ID:". */
    boardId: z.string().min(1),
  }),
  z.strictObject({
    method: z.literal('avrdude'),
    /** As avrdude calls the chip, for example "atmega2560". */
    part: word,
    /** As avrdude calls the boot loader's protocol, for example "wiring". */
    programmer: word,
    /** The boot loader's rate in bits per second. */
    baud: z.int().min(1),
  }),
  z.strictObject({
    method: z.literal('teensy'),
    /** As teensy_loader_cli calls the board, for example "TEENSY41". */
    mcu: word,
  }),
  z.strictObject({
    method: z.literal('dfu-util'),
    /** USB vendor and product of the boot loader; where the program has others, those before a comma. */
    usb: usbIds,
    /** Where the program begins; left out where the boot loader knows. */
    address: offset.optional(),
    /** Whether the running program gives way to the boot loader when its port is opened with 1200 baud. */
    touch: z.boolean(),
    /** Whether st-flash, with an ST-Link on the board's pins, can do it too. Needs `address`. */
    stLink: z.boolean().optional(),
  }),
  z.strictObject({
    method: z.literal('bossac'),
    touch: z.boolean(),
  }),
]);

export type FlashMethod = z.infer<typeof flashMethodSchema>;
