import { execa } from 'execa';
import type { Board } from '../boards/board.js';
import { helperHeader } from '../emulate/compiled-helper.js';
import { EMULATORS, findEmulator } from '../emulate/emulators.js';
import { FlashlmError } from '../errors.js';
import { FLASH_TOOLS, findFlashTool } from '../flash/flash-tools.js';
import { ARDUINO_BUILDER, ARDUINO_BUILDER_PACKAGES, findArduinoBuilder } from './arduino-builder.js';
import { findProgram } from './find-program.js';
import { compilerOf, findToolchain, TOOLCHAINS } from './toolchains.js';
import { VENDOR_TOOLS } from './vendor-tools.js';

/** A program that some command needs. */
export interface Tool {
  name: string;
  /** What it is for, as a phrase. */
  purpose: string;
  /** Debian package that brings it; null if there is none. */
  debianPackage: string | null;
  /** Where to get it otherwise. */
  website: string | null;
  versionArgument: string;
  /** Looks for it in more places than PATH; left out, nowhere else. */
  find?: () => Promise<string | null>;
}

/** What was found of a tool. */
export interface ToolCheck {
  name: string;
  purpose: string;
  status: 'found' | 'missing' | 'too-old';
  /** First line that it says of its version; null if it is missing or says nothing. */
  version: string | null;
  /** Where it lies; null if it is missing. */
  path: string | null;
  debianPackage: string | null;
  /** What to do, as a phrase; null if all is well. */
  install: string | null;
}

/** Of package.json, "engines". */
const OLDEST_NODE = 20;
/** A guard against programs that wait for something. */
const VERSION_TIMEOUT_MILLISECONDS = 20_000;

/** Every tool in the tables of compilers, emulators, vendors' tools and flashing, and make; each once. */
export function knownTools(): Tool[] {
  const compilers = oncePerProgram(
    TOOLCHAINS.map((toolchain) => ({ ...toolchain, name: compilerOf(toolchain) })),
    'compiles for',
  );
  const emulators = oncePerProgram(
    EMULATORS.flatMap(({ id, program }) =>
      program === null || program.compiled !== undefined ? [] : [{ id, ...program }],
    ),
    'emulates:',
  );
  return [
    debianTool('make', 'make', 'builds firmware projects'),
    ...compilers,
    ...emulators,
    ...compiledEmulators(),
    vendorTool('arduino', 'compiles Arduino sketches; optional, the Arduino IDE does it as well', 'version'),
    {
      ...debianTool(
        ARDUINO_BUILDER,
        ARDUINO_BUILDER_PACKAGES,
        "compiles Arduino sketches for AVR, with Debian's core; optional",
      ),
      versionArgument: '-version',
      find: findArduinoBuilder,
    },
    vendorTool('platformio', 'builds PlatformIO projects; optional', '--version'),
    vendorTool('esp-idf', 'builds ESP-IDF projects; optional', '--version'),
    ...Object.values(FLASH_TOOLS).map((tool) => ({
      name: tool.name,
      purpose: `flashes ${tool.boards}; optional`,
      debianPackage: tool.debianPackage,
      website: tool.website,
      versionArgument: '--version',
      find: () => findFlashTool(tool),
    })),
  ];
}

/** Emulators that are compiled here on a library: of these, the library. */
function compiledEmulators(): Tool[] {
  return EMULATORS.flatMap(({ id, program }) => {
    const compiled = program?.compiled;
    if (program == null || compiled === undefined) return [];
    const { name, debianPackage } = program;
    return [{ ...debianTool(name, debianPackage, `emulates: ${id}`), find: () => helperHeader(compiled) }];
  });
}

/** The programs of a table, whose rows may share them: each with the ids of all its rows in its purpose. */
function oncePerProgram(rows: { id: string; name: string; debianPackage: string }[], verb: string): Tool[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.map((name) => {
    const users = rows.filter((row) => row.name === name);
    return debianTool(name, users[0].debianPackage, `${verb} ${users.map(({ id }) => id).join(', ')}`);
  });
}

/** Looks for Node.js, every known tool and the BLAS, and asks the tools for their versions. */
export async function checkTools(): Promise<ToolCheck[]> {
  return [checkNode(process.version), ...(await Promise.all(knownTools().map(checkTool))), await checkBlas()];
}

/** Looks for the library that the training engine may multiply with, among those that the dynamic linker knows. */
async function checkBlas(): Promise<ToolCheck> {
  const name = 'libopenblas.so.0';
  const debianPackage = 'libopenblas0-pthread';
  const { stdout } = await execa('/sbin/ldconfig', ['-p'], { reject: false });
  const path = new RegExp(`${name.replaceAll('.', '\\.')} .*=> (.+)$`, 'm').exec(stdout ?? '')?.[1] ?? null;
  return {
    name,
    purpose: 'multiplies matrices in training; optional, there are built-in products',
    status: path === null ? 'missing' : 'found',
    version: path,
    path,
    debianPackage,
    install: path === null ? aptGet([debianPackage]) : null,
  };
}

/** Names of the tools that build a board's firmware and run it on its emulator. */
export function toolsOf(board: Board): string[] {
  const emulator = findEmulator(board.emulator).program;
  return ['make', compilerOf(findToolchain(board.toolchain)), ...(emulator === null ? [] : [emulator.name])];
}

/** @throws FlashlmError missing-tool, naming everything that the board lacks and how to install it */
export function requireToolsOf(board: Board, checks: ToolCheck[]): void {
  const needed = ['node', ...toolsOf(board)];
  const missing = checks.filter(({ name, status }) => needed.includes(name) && status !== 'found');
  if (missing.length === 0) return;
  const what = missing.map(({ name, status }) => (status === 'too-old' ? `a newer ${name}` : name));
  const packages = new Set(missing.flatMap(({ debianPackage }) => debianPackage ?? []));
  const others = missing.filter(({ debianPackage }) => debianPackage === null);
  const install = [
    ...(packages.size > 0 ? [aptGet([...packages])] : []),
    ...others.map((tool) => tool.install),
  ];
  throw new FlashlmError(
    'missing-tool',
    `The board ${board.id} needs ${what.join(', ')}.`,
    `Install what is missing: ${install.join('; ')}.`,
  );
}

/** @param version as process.version says it: v20.1.0 */
export function checkNode(version: string): ToolCheck {
  const isNewEnough = Number.parseInt(version.slice(1), 10) >= OLDEST_NODE;
  return {
    name: 'node',
    purpose: 'runs flashlm-mcu',
    status: isNewEnough ? 'found' : 'too-old',
    version,
    path: process.execPath,
    debianPackage: null,
    install: isNewEnough ? null : `Node.js ${OLDEST_NODE} or newer, https://nodejs.org`,
  };
}

async function checkTool({
  name,
  purpose,
  debianPackage,
  website,
  versionArgument,
  find = () => findProgram(name),
}: Tool): Promise<ToolCheck> {
  const path = await find();
  const about = { name, purpose, path, debianPackage };
  if (path === null) {
    const install = debianPackage === null ? website : aptGet([debianPackage]);
    return { ...about, status: 'missing', version: null, install };
  }
  return { ...about, status: 'found', version: await versionOf(path, versionArgument), install: null };
}

async function versionOf(program: string, argument: string): Promise<string | null> {
  const { stdout } = await execa(program, [argument], {
    reject: false,
    stdin: 'ignore',
    timeout: VERSION_TIMEOUT_MILLISECONDS,
  });
  return stdout?.split('\n')[0].trim() || null;
}

function debianTool(name: string, debianPackage: string, purpose: string): Tool {
  return { name, purpose, debianPackage, website: null, versionArgument: '--version' };
}

function vendorTool(framework: keyof typeof VENDOR_TOOLS, purpose: string, versionArgument: string): Tool {
  const { program, website } = VENDOR_TOOLS[framework];
  return { name: program, purpose, debianPackage: null, website, versionArgument };
}

function aptGet(packages: string[]): string {
  return `apt-get install ${packages.join(' ')}`;
}
