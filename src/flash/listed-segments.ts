import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { FLASH_SEGMENTS_FILE, flashSegmentsSchema } from '../generate/flash-segments.js';
import { type FirmwareFile, missing, type Project } from './project.js';

/** What `idf.py build` leaves for whoever flashes; offsets are written like "0x10000". */
const FLASHER_ARGUMENTS = path.join('build', 'flasher_args.json');
const flasherSchema = z.object({
  flash_files: z.record(z.string().regex(/^0x[0-9a-fA-F]+$/), z.string().min(1)),
});

/**
 * The files that flash-segments.json of the project lists, or else those that ESP-IDF lists; none where neither is there.
 *
 * @param only of this kind; left out, all
 * @throws FlashlmError missing-file if one of them is not there; bad-argument for a project of another chip
 */
export async function listedSegments(project: Project, only?: FirmwareFile['kind']): Promise<FirmwareFile[]> {
  const all = (await readSegments(project)) ?? (await readFlasherArguments(project)) ?? [];
  const listed = all.filter(({ kind }) => only === undefined || kind === only);
  for (const { path: file } of listed) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (!isThere) throw missing(`${file} is not there yet.`, project);
  }
  return listed;
}

async function readSegments(project: Project): Promise<FirmwareFile[] | null> {
  const { folder, board } = project;
  const parsed = await readJson(project, FLASH_SEGMENTS_FILE, flashSegmentsSchema);
  if (parsed === null) return null;
  const chip = board.flash?.method === 'esp' ? board.flash.chip : board.id;
  if (chip.replace('-', '').toLowerCase() !== parsed.chip) {
    throw new FlashlmError(
      'bad-argument',
      `The project ${folder} is for the chip ${parsed.chip}, and the board "${board.id}" has an ${chip}.`,
      'Name the right --board or --project.',
    );
  }
  return parsed.segments.map(({ file, kind, offset }) => ({ path: path.join(folder, file), kind, offset }));
}

/** null where there is no such file in the project. */
async function readJson<T>(project: Project, name: string, schema: z.ZodType<T>): Promise<T | null> {
  const file = path.join(project.folder, name);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw missing(`${file} is damaged.`, project);
  }
}

async function readFlasherArguments(project: Project): Promise<FirmwareFile[] | null> {
  const parsed = await readJson(project, FLASHER_ARGUMENTS, flasherSchema);
  if (parsed === null) return null;
  const folder = path.join(project.folder, path.dirname(FLASHER_ARGUMENTS));
  return Object.entries(parsed.flash_files)
    .map(([offset, name]) => ({
      path: path.join(folder, name),
      kind: kindOf(name),
      offset: Number(offset),
    }))
    .sort((a, b) => a.offset - b.offset);
}

/** By the names that ESP-IDF gives: bootloader/bootloader.bin, partition_table/partition-table.bin. */
function kindOf(name: string): FirmwareFile['kind'] {
  const base = path.basename(name);
  if (base === 'bootloader.bin') return 'bootloader';
  if (base === 'partition-table.bin') return 'partitions';
  if (/\.flm$|^model\b/.test(base)) return 'model';
  return /^ota_data/.test(base) ? 'data' : 'app';
}
