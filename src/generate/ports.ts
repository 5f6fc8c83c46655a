import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { FlashlmError } from '../errors.js';
import { filesBelow } from '../files/files-below.js';
import { PACKAGE_ROOT } from '../files/package-root.js';

const portSchema = z.strictObject({
  description: z.string().min(1),
  /** Files of firmware/ports that this port shares with others. */
  shared: z.array(z.string().min(1)),
  /** For every source file of the program, beside the toolchain's own. */
  compilerFlags: z.array(z.string().min(1)),
  linkerFlags: z.array(z.string().min(1)),
  /** In the port's folder; null where the system or the compiler has one. */
  linkerScript: z.string().min(1).nullable(),
  /** What is flashed; null where the program is one of this computer. */
  flashFile: z.enum(['bin', 'hex']).nullable(),
});

/** A port of the firmware: a folder of firmware/ports that holds a port.json. */
export interface Port extends z.infer<typeof portSchema> {
  id: string;
  /** Everything that the port needs, below firmware/ports, in order. */
  files: string[];
}

const PORTS_FOLDER = path.join(PACKAGE_ROOT, 'firmware', 'ports');
/** What belongs to a project; the README says how the program gets onto the chip. */
const SOURCE_FILE = /\.(?:c|h|S|ld|md)$/;

/** Names of the ports that there are, sorted. */
export async function portIds(): Promise<string[]> {
  const files = await filesBelow(PORTS_FOLDER);
  return files
    .filter((file) => path.basename(file) === 'port.json')
    .map((file) => path.basename(path.dirname(file)))
    .sort();
}

/**
 * Reads a port's folder.
 *
 * @throws FlashlmError `bad-board-file` if there is no such port
 */
export async function loadPort(id: string): Promise<Port> {
  const folder = path.join(PORTS_FOLDER, id);
  let text: string;
  try {
    text = await readFile(path.join(folder, 'port.json'), 'utf8');
  } catch (cause) {
    throw new FlashlmError(
      'bad-board-file',
      `The firmware has no port "${id}".`,
      `Name one of the folders of firmware/ports that hold a port.json.`,
      { cause },
    );
  }
  const description = portSchema.parse(JSON.parse(text));
  const own = (await readdir(folder)).filter((name) => SOURCE_FILE.test(name)).map((name) => `${id}/${name}`);
  return { id, ...description, files: [...description.shared, ...own].sort() };
}
