import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { FlashlmError } from '../errors.js';
import type { Arithmetic, EngineChoice, EngineKind } from '../train/start-engine.js';

/** Options that choose what computes, as commander hands them over. */
export interface EngineOptions {
  engine: EngineKind;
  arithmetic: Arithmetic;
  blas: string;
}

/** Adds the options of EngineOptions to a command. */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--engine <kind>', 'c: compiled for this processor; tfjs: runs anywhere')
        .choices(['auto', 'c', 'tfjs'])
        .default('auto'),
    )
    .addOption(
      new Option('--arithmetic <kind>', 'integer: 16-bit products where that is precise enough')
        .choices(['auto', 'integer', 'float'])
        .default('auto'),
    )
    .option('--blas <library>', 'auto, none, or a library with the C interface of BLAS', 'auto');
}

/** @throws FlashlmError bad-argument for more threads than this computer runs at once */
export function engineChoice(options: EngineOptions, threads: number): EngineChoice {
  const most = availableParallelism();
  if (threads > most) {
    throw new FlashlmError(
      'bad-argument',
      `This computer runs ${most} threads at once, not ${threads}.`,
      `Choose --threads ${most} or fewer.`,
    );
  }
  return {
    kind: options.engine,
    arithmetic: options.arithmetic,
    blas: options.blas,
    threads,
    onWait: (remark) => {
      if (process.stderr.isTTY) process.stderr.write(`${remark}\n`);
    },
    onRemark: (remark) => process.stderr.write(`${remark}\n`),
  };
}
