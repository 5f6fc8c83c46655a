import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { findProgram } from '../compile/find-program.js';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import { PACKAGE_ROOT } from '../files/package-root.js';

/** What native/node_binding.c exports. */
export interface NativeLibrary {
  create(settings: NativeSettings): NativeHandle | null;
  compute(
    handle: NativeHandle,
    windows: Int32Array,
    sequences: number,
    withGradient: boolean,
  ): [loss: number, gradientNorm: number];
  update(handle: NativeHandle, fields: Float64Array): void;
  logits(handle: NativeHandle, tokens: Int32Array, logits: Float32Array): void;
  close(handle: NativeHandle): void;
  /** null goes back to the built-in products. */
  loadBlas(library: string | null): boolean;
  /** Floating-point operations a second on one thread. */
  productRate(tokens: number, outputs: number, inputs: number): number;
  hasIntegerProducts(): boolean;
}

export interface NativeSettings {
  vocabulary: number;
  dimension: number;
  blocks: number;
  hidden: number;
  kernel: number;
  /** 0 without a memory. */
  memoryHeads: number;
  /** Of each head. */
  memorySlots: number;
  /** 0: one softmax over the whole vocabulary. */
  clusters: number;
  /** Longest sequence. */
  length: number;
  threads: number;
  /** 1 or 0 */
  integers: number;
  parameters: Float32Array;
  gradient: Float32Array;
  firstMoment: Float32Array;
  secondMoment: Float32Array;
}

declare const handleBrand: unique symbol;
/** Opaque. */
export type NativeHandle = { readonly [handleBrand]: never };

/** One place, for src/ and dist/ alike. */
const SOURCES = path.join(PACKAGE_ROOT, 'src', 'train', 'native');

const COMPILERS = ['gcc', 'clang', 'cc'];
/** Sums may be reordered into vectors and functions need not set errno; NaN and infinity keep their meaning. */
const ARITHMETIC_FLAGS = [
  ...['-ffp-contract=fast', '-fno-math-errno', '-fno-trapping-math'],
  ...['-fno-signed-zeros', '-fassociative-math'],
];
/** Tried in turn: compilers name "the processor at hand" differently. */
const PROCESSOR_FLAGS = [
  ['-march=native', '-mprefer-vector-width=512'],
  ['-march=native'],
  ['-mcpu=native'],
  [],
];

const require = createRequire(import.meta.url);

/**
 * The training engine in C, compiled for this computer's processor on first use and kept in the cache folder.
 *
 * @param onCompile called before it is compiled, which takes some seconds
 * @returns the library, or in a few words why there is none
 */
export async function nativeLibrary(onCompile: () => void): Promise<NativeLibrary | { missing: string }> {
  const compiler = await findCompiler();
  if (compiler === null) return { missing: 'there is no C compiler (gcc or clang)' };
  const file = path.join(cacheDirectory(), `training-engine-${await cacheKey(compiler)}.node`);
  if ((await stat(file).catch(() => null)) === null) {
    onCompile();
    const failure = await compileForThisProcessor(compiler, file);
    if (failure !== null) return { missing: failure };
  }
  try {
    return require(file) as NativeLibrary;
  } catch (error) {
    return { missing: `the compiled engine cannot be loaded (${(error as Error).message.split('\n')[0]})` };
  }
}

async function findCompiler(): Promise<string | null> {
  for (const name of COMPILERS) {
    const found = await findProgram(name);
    if (found !== null) return found;
  }
  return null;
}

/** Of all that decides the compiled bytes. */
async function cacheKey(compiler: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(SOURCES)).sort();
  for (const name of names) hash.update(await readFile(path.join(SOURCES, name)));
  const { stdout: version } = await execa(compiler, ['--version'], { reject: false });
  hash.update(
    `${compiler} ${version} ${cpus()[0]?.model} ${process.arch} ${PROCESSOR_FLAGS} ${ARITHMETIC_FLAGS}`,
  );
  return hash.digest('hex').slice(0, 16);
}

/**
 * Compiles the engine into a library for Node.
 * @param processorFlags what the compiler may assume about the processor
 * @returns null when the library was made, else the compiler's complaint
 */
export async function compileEngine(
  compiler: string,
  file: string,
  processorFlags: string[],
): Promise<string | null> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.c')).sort();
  const sources = names.map((name) => path.join(SOURCES, name));
  const headers = (require('node-api-headers') as { include_dir: string }).include_dir;
  const platformFlags = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const { exitCode, stderr } = await execa(
    compiler,
    [
      ...['-std=c99', '-D_DEFAULT_SOURCE', '-O3', '-shared', '-fPIC', '-pthread', '-isystem', headers],
      ...ARITHMETIC_FLAGS,
      ...processorFlags,
      ...platformFlags,
      ...['-o', file, ...sources, '-lm', '-ldl'],
    ],
    { reject: false },
  );
  return exitCode === 0 ? null : stderr;
}

/** @returns null when the library was made, else what went wrong in a few words */
async function compileForThisProcessor(compiler: string, file: string): Promise<string | null> {
  await makeCacheFolder(path.dirname(file));
  const temporary = `${file}.${process.pid}.part`;
  let complaint: string | null = null;
  for (const processorFlags of PROCESSOR_FLAGS) {
    complaint = await compileEngine(compiler, temporary, processorFlags);
    if (complaint === null) {
      await rename(temporary, file);
      return null;
    }
  }
  await rm(temporary, { force: true });
  const reason = complaint?.split('\n').find((line) => line.includes('error')) ?? 'no reason given';
  return `${path.basename(compiler)} could not compile it (${reason.trim()})`;
}
