/** Exit codes of the command line, as the README lists them. */
export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;
export const EXIT_MISSING = 3;
export const EXIT_PARITY = 4;
export const EXIT_DOES_NOT_FIT = 5;

/** Stable names of what can go wrong. Tools match on these, so they are never renamed. */
export type ErrorCode =
  | 'bad-argument'
  | 'bad-board-file'
  | 'bad-image'
  | 'bad-checkpoint'
  | 'bad-rivals-file'
  | 'bad-stories'
  | 'bad-tokenizer'
  | 'compile-failed'
  | 'does-not-fit'
  | 'download-failed'
  | 'emulator-failed'
  | 'flash-failed'
  | 'missing-file'
  | 'missing-tool'
  | 'parity-broken'
  | 'port-failed'
  | 'training-failed'
  | 'unknown-board'
  | 'unknown-model'
  | 'write-failed'
  | 'wrong-chip';

const EXIT_CODE_OF: Record<ErrorCode, number> = {
  'bad-argument': EXIT_WRONG_USE,
  'bad-board-file': EXIT_WRONG_USE,
  'bad-image': EXIT_FAILED,
  'bad-checkpoint': EXIT_FAILED,
  'bad-rivals-file': EXIT_FAILED,
  'bad-stories': EXIT_FAILED,
  'bad-tokenizer': EXIT_FAILED,
  'compile-failed': EXIT_FAILED,
  'does-not-fit': EXIT_DOES_NOT_FIT,
  'download-failed': EXIT_FAILED,
  'emulator-failed': EXIT_FAILED,
  'flash-failed': EXIT_FAILED,
  'missing-file': EXIT_WRONG_USE,
  'missing-tool': EXIT_MISSING,
  'parity-broken': EXIT_PARITY,
  'port-failed': EXIT_MISSING,
  'training-failed': EXIT_FAILED,
  'unknown-board': EXIT_WRONG_USE,
  'unknown-model': EXIT_WRONG_USE,
  'write-failed': EXIT_FAILED,
  'wrong-chip': EXIT_FAILED,
};

/**
 * An error that a person can act on. Steps throw it; only the command line prints it.
 *
 * @param code a stable name for tools
 * @param what one sentence: what happened
 * @param action one sentence: what to do about it
 */
export class FlashlmError extends Error {
  override readonly name = 'FlashlmError';

  constructor(
    readonly code: ErrorCode,
    readonly what: string,
    readonly action: string,
    options?: ErrorOptions,
  ) {
    super(`${what} ${action}`, options);
  }

  get exitCode(): number {
    return EXIT_CODE_OF[this.code];
  }
}
