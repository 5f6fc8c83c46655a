import { EXIT_FAILED, FlashlmError } from '../errors.js';

export interface ErrorStyle {
  /** Also print the stack. */
  verbose: boolean;
  /** Print a JSON document on stdout, for tools. */
  json: boolean;
}

/**
 * Prints an error: one sentence of what happened, one of what to do.
 * @returns the exit code
 */
export function reportError(error: unknown, { verbose, json }: ErrorStyle): number {
  const known = error instanceof FlashlmError ? error : unexpected(error);
  process.stderr.write(`error: ${known.what}\n${known.action}\n`);
  if (verbose) process.stderr.write(`${stackOf(error)}\n`);
  if (json) {
    const document = { error: { code: known.code, what: known.what, action: known.action } };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return known.exitCode;
}

/** An error that no step foresaw: still a sentence, and how to see more. */
function unexpected(error: unknown): { code: string; what: string; action: string; exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'unexpected',
    what: `${message.split('\n')[0]}.`,
    action: 'This is a fault of flashlm-mcu: run again with --verbose and report what it prints.',
    exitCode: EXIT_FAILED,
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
