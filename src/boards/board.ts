import { z } from 'zod';

/** How a firmware project can be packaged. */
export const FRAMEWORKS = ['bare', 'arduino', 'platformio', 'esp-idf'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

const positiveInteger = z.int().min(1);
const identifier = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens');

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
    ramBytes: positiveInteger,
    /** Rate at which the core reads mapped flash in order; null where it does not matter (host). */
    flashBytesPerSecond: positiveInteger.nullable(),
  }),
  /** Average instructions per clock of this core on integer code; for estimates. */
  instructionsPerClock: z.number().positive().nullable(),
  frameworks: z.array(z.enum(FRAMEWORKS)).min(1),
  defaultFramework: z.enum(FRAMEWORKS),
  /** Folder in firmware/ports that drives this chip family when built bare. */
  port: identifier,
  /** Compiler family in src/compile/toolchains.ts. */
  toolchain: identifier,
  /** Emulator in src/emulate/emulators.ts that runs this board's firmware or its nearest relative. */
  emulator: identifier,
  /** What the Arduino IDE needs; present when `frameworks` has "arduino". */
  arduino: z
    .strictObject({
      fqbn: z.string().min(1),
      platform: z.string().min(1),
      platformVersion: z.string().min(1),
      /** Rows of partitions.csv for chips that have one; app partition size decides what fits. */
      partitions: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            type: z.string().min(1),
            subType: z.string().min(1),
            offset: positiveInteger,
            bytes: positiveInteger,
          }),
        )
        .optional(),
    })
    .optional(),
  /** How bare firmware gets onto the board, in a sentence, for the report; the port's README says more. */
  flashing: z.string().min(1).optional(),
  /** For chips that are flashed with a UF2 file: its family id and the address where flash begins. */
  uf2: z.strictObject({ family: positiveInteger, address: positiveInteger }).optional(),
  /** Where the facts above come from. */
  sources: z.array(z.string().min(1)).min(1),
});

export type Board = z.infer<typeof boardSchema>;
