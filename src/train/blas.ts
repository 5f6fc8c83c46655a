import { link, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.js';
import { cacheDirectory, makeCacheFolder } from '../files/cache.js';
import type { NativeLibrary } from './native-library.js';

/** Well-kept BLAS libraries by platform, as the dynamic linker finds them. */
const KNOWN_LIBRARIES =
  process.platform === 'darwin'
    ? ['/System/Library/Frameworks/Accelerate.framework/Accelerate']
    : ['libopenblas.so.0', 'libmkl_rt.so.2', 'libblis.so.4'];

/** How libraries are told to use no threads of their own: the trainer's divide the work. OpenBLAS is told by a call. */
const SINGLE_THREAD_VARIABLES = ['MKL_NUM_THREADS', 'BLIS_NUM_THREADS', 'VECLIB_MAXIMUM_THREADS'];

/** A product as training has them: a batch of 256 tokens, 1024 outputs, 192 inputs. */
const MEASURED_PRODUCT = [256, 1024, 192] as const;

/** auto: the fastest that is found; none: the built-in products; else a library's name or path. */
export type BlasChoice = 'auto' | 'none' | (string & {});

export interface ChosenBlas {
  /** The library in use; null for the built-in products. */
  library: string | null;
  /** Whether any BLAS was found. */
  found: boolean;
}

/**
 * Chooses what multiplies float matrices. With `auto` the first known library that loads is measured against the
 * built-in products; the outcome is kept in the cache folder, so that runs on one computer stay repeatable.
 *
 * @returns null where the library that was asked for cannot be loaded
 */
export async function chooseBlas(native: NativeLibrary, choice: BlasChoice): Promise<ChosenBlas | null> {
  if (choice === 'none') {
    native.loadBlas(null);
    return { library: null, found: false };
  }
  for (const variable of SINGLE_THREAD_VARIABLES) process.env[variable] = '1';
  if (choice !== 'auto') return native.loadBlas(choice) ? { library: choice, found: true } : null;
  const library = KNOWN_LIBRARIES.find((name) => native.loadBlas(name));
  if (library === undefined) return { library: null, found: false };
  const faster = await isFaster(native, library);
  if (!faster) native.loadBlas(null);
  return { library: faster ? library : null, found: true };
}

/** Whether the library, which is loaded, beats the built-in products here. */
async function isFaster(native: NativeLibrary, library: string): Promise<boolean> {
  const file = path.join(cacheDirectory(), `blas-${path.basename(library)}.json`);
  const known = await readOutcome(file);
  if (known !== null) return known;
  const rate = native.productRate(...MEASURED_PRODUCT);
  native.loadBlas(null);
  const builtInRate = native.productRate(...MEASURED_PRODUCT);
  native.loadBlas(library);
  await makeCacheFolder(path.dirname(file));
  const faster = rate > builtInRate;
  const own = `${file}.${process.pid}.part`;
  await writeFileAtomically(own, JSON.stringify({ faster, rate, builtInRate }));
  // Of several runs that measure at the same time, the first one's outcome holds for all.
  await link(own, file).catch(() => undefined);
  await rm(own, { force: true });
  return (await readOutcome(file)) ?? faster;
}

/** What was measured before; null where nothing was. */
async function readOutcome(file: string): Promise<boolean | null> {
  const outcome: unknown = await readFile(file, 'utf8')
    .then(JSON.parse)
    .catch(() => null);
  const isOutcome = typeof outcome === 'object' && outcome !== null && 'faster' in outcome;
  return isOutcome ? outcome.faster === true : null;
}
