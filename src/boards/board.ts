import { z } from 'zod';
import { flashMethodSchema } from './flash-method.js';

/** How a firmware project can be packaged. */
export const FRAMEWORKS = ['bare', 'arduino', 'arduino-library', 'platformio', 'esp-idf'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

const positiveInteger = z.int().min(1);
const identifier = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens');

/** A row of partitions.csv, in bytes; the names are those of Espressif's partition tables: 15 characters and a zero. */
const partitionSchema = z.strictObject({
  name: z.string().min(1).max(15),
  type: z.string().min(1),
  subType: z.string().min(1),
  offset: positiveInteger,
  bytes: positiveInteger,
});
export type Partition = z.infer<typeof partitionSchema>;

/** Chips that ESP-IDF 5.3 or newer builds for: what its `idf.py set-target` takes. */
const ESP_IDF_TARGETS = [
  ...['esp32', 'esp32s2', 'esp32s3', 'esp32c2', 'esp32c3', 'esp32c5', 'esp32c6', 'esp32c61'],
  ...['esp32h2', 'esp32p4'],
] as const;

/** Name of the partition that holds the image in projects for ESP-IDF. */
export const MODEL_PARTITION = 'model';

/** One line of an INI file or an unquoted scalar: nothing in it can begin another line. */
const oneLine = z.string().regex(/^[\x20-\x7e]+$/, 'must be one line of ASCII');

const sectionName = z.string().regex(/^\.[a-z0-9._]+$/, 'must be the name of a section, like ".progmem"');

/**
 * One board, as its JSON file in boards/ describes it. A board is data: everything that is code belongs to its
 * chip family (`port`), its compiler (`toolchain`) or its emulator (`emulator`), which it names.
 */
export const boardSchema = z.strictObject({
  /** Name on the command line and of the JSON file. */
  id: identifier,
  /** Name that people use. */
  name: z.string().min(1),
  chip: z.strictObject({
    core: z.string().min(1),
    cores: positiveInteger,
    clockHz: positiveInteger,
  }),
  memory: z.strictObject({
    /** Flash that code and model may take, after bootloader and partition table. */
    flashBytes: positiveInteger,
    /** Why that is less than is printed on the board, as a phrase; for whoever's model does not fit. */
    flashNote: z.string().min(1).optional(),
    ramBytes: positiveInteger,
    /**
     * Rate at which the core reads flash in order; null where that is among its instructions (AVR) or does not matter (the
     * host).
     */
    flashBytesPerSecond: positiveInteger.nullable(),
    /** Present where flash is not mapped into memory, or not all: the image is then read a page at a time. */
    paged: z
      .strictObject({
        /** Bytes of RAM for what is read at once. */
        bytes: z.int().min(256).multipleOf(32),
        /** Flash for an image that does not fit beside the program. */
        region: z.strictObject({ offset: positiveInteger, bytes: positiveInteger }).optional(),
      })
      .optional(),
    /** RAM outside the chip, to which the whole image is copied where it fits (with Arduino cores and ESP-IDF). */
    externalRam: z.strictObject({ bytes: positiveInteger, bytesPerSecond: positiveInteger }).optional(),
  }),
  /** Average instructions per clock of this core on integer code; for estimates. */
  instructionsPerClock: z.number().positive().nullable(),
  frameworks: z.array(z.enum(FRAMEWORKS)).min(1),
  defaultFramework: z.enum(FRAMEWORKS),
  /** Folder in firmware/ports that drives this chip family; present when `frameworks` has "bare". */
  port: identifier.optional(),
  /** Compiler family in src/compile/toolchains.ts. */
  toolchain: identifier,
  /** Emulator in src/emulate/emulators.ts that runs this board's firmware or its nearest relative. */
  emulator: identifier,
  /** Emulator in src/emulate/chip-emulators.ts that runs the very file that is flashed; where there is one. */
  chipEmulator: identifier.optional(),
  /** Present where a second core, like the first, shares the products of a token. */
  secondCore: z
    .strictObject({
      /** Emulator in src/emulate/emulators.ts with two cores that run its code; where there is one. */
      emulator: identifier.optional(),
      /** Where it is documented, and how it is started. */
      source: z.string().min(1),
    })
    .optional(),
  /** What the Arduino IDE needs; present when `frameworks` has "arduino", "arduino-library" or "platformio". */
  arduino: z
    .strictObject({
      fqbn: z.string().min(1),
      platform: z.string().min(1),
      platformVersion: z.string().min(1),
      /** Where Arduino's boards manager finds the platform; left out for Arduino's own. */
      indexUrl: z.url().optional(),
      /** Rows of partitions.csv for chips that have one; app partition size decides what fits. */
      partitions: z.array(partitionSchema).optional(),
      /** RAM in bytes that a sketch takes for copies of weights; left out, none. */
      stagingBytes: positiveInteger.optional(),
      /** Section for these copies, in a RAM that `memory.ramBytes` does not count; left out, among the variables. */
      stagingSection: sectionName.optional(),
      /** Section that the core's linker script puts into flash, where constants would go to RAM otherwise. */
      imageSection: sectionName.optional(),
    })
    .optional(),
  /** What PlatformIO needs to build the sketch; present when `frameworks` has "platformio". */
  platformio: z
    .strictObject({
      /** Name or address of the platform, with the versions that will do: "platformio/espressif32 @ ^6.9.0". */
      platform: oneLine,
      /** Id of the board there. */
      board: oneLine,
      /** More lines of platformio.ini, by their keys. */
      options: z
        .record(z.string().regex(/^[a-z][a-z0-9_.]*$/, 'must be a key of platformio.ini'), oneLine)
        .optional(),
    })
    .optional(),
  /** What ESP-IDF needs; present when `frameworks` has "esp-idf". */
  espIdf: z
    .strictObject({
      /** As `idf.py set-target` takes it. */
      target: z.enum(ESP_IDF_TARGETS),
      /** Where the chip's ROM looks for the boot loader. */
      bootloaderOffset: z.int().min(0),
      /** RAM in bytes that the program takes for copies of weights; left out, none. */
      stagingBytes: positiveInteger.optional(),
      /** Rows of partitions.csv: one of type "app" for the program, and "model" of type "data" for the image. */
      partitions: z.array(partitionSchema),
    })
    .optional(),
  /** How bare firmware gets onto the board, in a sentence, for the report; the port's README says more. */
  flashing: z.string().min(1).optional(),
  /** What `flashlm-mcu flash` does; left out where a board cannot be flashed. */
  flash: flashMethodSchema.optional(),
  /** For chips that are flashed with a UF2 file: its family id and the address where flash begins. */
  uf2: z.strictObject({ family: positiveInteger, address: positiveInteger }).optional(),
  /** USB vendor and product of the serial ports that such a board shows, as "303a:1001". */
  usb: z
    .array(z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, 'must be like "303a:1001"'))
    .min(1)
    .optional(),
  /** Where the facts above come from. */
  sources: z.array(z.string().min(1)).min(1),
});

export type Board = z.infer<typeof boardSchema>;
