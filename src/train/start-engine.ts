import { FlashlmError } from '../errors.js';
import type { ModelConfig } from '../model/config.js';
import { type BlasChoice, chooseBlas } from './blas.js';
import { startNativeEngine } from './native-engine.js';
import { nativeLibrary } from './native-library.js';
import { startTfjsEngine } from './tfjs-engine.js';
import type { TrainingEngine } from './training-engine.js';

/** auto: C where it can be compiled, else tfjs. */
export type EngineKind = 'auto' | 'c' | 'tfjs';
/** auto: integers where the processor multiplies them faster. */
export type Arithmetic = 'auto' | 'integer' | 'float';

export interface EngineChoice {
  kind: EngineKind;
  arithmetic: Arithmetic;
  blas: BlasChoice;
  threads: number;
  /** Told in one sentence what takes some seconds now. */
  onWait: (remark: string) => void;
  /** Told in one sentence what is lost. */
  onRemark: (remark: string) => void;
}

/**
 * Starts the engine that was chosen.
 * @throws FlashlmError missing-tool where just that one cannot be had, training-failed where memory is short
 */
export async function startEngine(config: ModelConfig, choice: EngineChoice): Promise<TrainingEngine> {
  const { kind, threads, onWait, onRemark } = choice;
  if (kind === 'tfjs') return startTfjsEngine(config, threads);
  const native = await nativeLibrary(() =>
    onWait("Compiling the training engine for this computer's processor."),
  );
  if ('missing' in native) {
    if (kind === 'c') {
      throw new FlashlmError(
        'missing-tool',
        `The engine in C cannot be had: ${native.missing}.`,
        'Install gcc, or use --engine tfjs.',
      );
    }
    onRemark(`Training with tfjs, some eight times slower than with the engine in C: ${native.missing}.`);
    return startTfjsEngine(config, threads);
  }
  const integers =
    choice.arithmetic === 'auto' ? native.hasIntegerProducts() : choice.arithmetic === 'integer';
  const blas = await chooseBlas(native, choice.blas);
  if (blas === null) {
    throw new FlashlmError(
      'missing-tool',
      `The library ${choice.blas} cannot be loaded, or has no cblas_sgemm.`,
      'Give the path of a BLAS with the C interface, or leave --blas out.',
    );
  }
  if (!blas.found && !integers && choice.blas === 'auto') {
    onRemark('No BLAS was found (Debian: libopenblas0-pthread); the built-in products may be slower.');
  }
  const engine = startNativeEngine(native, config, threads, integers, blas.library);
  if (engine !== null) return engine;
  throw new FlashlmError(
    'training-failed',
    `There is too little memory for this model on ${threads} threads.`,
    'Use fewer --threads or a smaller shape.',
  );
}
