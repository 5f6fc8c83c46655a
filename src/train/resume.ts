import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { tensorsOf } from '../checkpoint/checkpoint.js';
import { decodeSafetensors, encodeSafetensors, type FloatTensor } from '../checkpoint/safetensors.js';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { type ModelConfig, modelConfigSchema } from '../model/config.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { newRecordedLoss } from './loss-recorder.js';
import { startWeightsSchema } from './start-weights.js';
import type { TrainingVectors } from './training-engine.js';

/** Changes whenever a resumed run would need something else. */
const VERSION = 2;

const placeSchema = { tokens: z.number(), minutes: z.number() };

/** Everything but tensors that a resumed run needs to go on as if it had not stopped. */
const trainingStateSchema = z.strictObject({
  version: z.literal(VERSION),
  config: modelConfigSchema,
  seed: z.int(),
  /** Of the engine, which decides the bits. */
  arithmetic: z.string(),
  step: z.int().min(0),
  /** Minutes spent in training so far. */
  minutes: z.number().min(0),
  tokensSeen: z.int().min(0),
  /** Windows taken from the token stream. */
  position: z.int().min(0),
  /** The weights that the run began with; left out where they were random. */
  beganWith: startWeightsSchema.optional(),
  losses: z.strictObject({
    interval: z.int().min(1),
    pendingSum: z.number(),
    pendingCount: z.int(),
    runningMean: z.number().nullable(),
    training: z.array(z.strictObject({ ...placeSchema, loss: z.number() })),
    heldOut: z.array(z.strictObject({ ...placeSchema, bpc: z.number() })),
  }),
});

export type TrainingState = z.infer<typeof trainingStateSchema>;

export function newTrainingState(config: ModelConfig, seed: number, arithmetic: string): TrainingState {
  return {
    version: VERSION,
    config,
    seed,
    arithmetic,
    step: 0,
    minutes: 0,
    tokensSeen: 0,
    position: 0,
    losses: newRecordedLoss(),
  };
}

const RESUME_FILE = 'resume.safetensors';

/**
 * Saves parameters, moments and state in one file, written atomically: whenever the run is killed, the file is a
 * whole one.
 */
export async function writeResumeFile(
  directory: string,
  state: TrainingState,
  vectors: TrainingVectors,
): Promise<void> {
  const tensors = new Map<string, FloatTensor>();
  for (const [prefix, flat] of parts(vectors)) {
    for (const [name, tensor] of tensorsOf(state.config, flat)) tensors.set(prefix + name, tensor);
  }
  const metadata = { state: JSON.stringify(state) };
  await writeFileAtomically(
    path.join(directory, RESUME_FILE),
    encodeSafetensors({ tensors, metadata }, 'F32'),
  );
}

/**
 * Restores a run, filling parameters and moments.
 * @returns its state, or null where there is no run to resume
 * @throws FlashlmError bad-checkpoint, also when the run is of another shape
 */
export async function readResumeFile(
  directory: string,
  config: ModelConfig,
  vectors: TrainingVectors,
): Promise<TrainingState | null> {
  const file = path.join(directory, RESUME_FILE);
  const bytes = await readFile(file).catch((cause) => {
    if (cause.code === 'ENOENT') return null;
    throw new FlashlmError(
      'bad-checkpoint',
      `${file} cannot be read: ${cause.message}.`,
      'Mend that, or start anew elsewhere.',
      {
        cause,
      },
    );
  });
  if (bytes === null) return null;
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const state = parseState(metadata.state, file);
  if (JSON.stringify(state.config) !== JSON.stringify(modelConfigSchema.parse(config))) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${file} is a run of another shape: ${JSON.stringify(state.config)}.`,
      'Choose another --out folder, or the preset of that run.',
    );
  }
  for (const [prefix, flat] of parts(vectors)) {
    for (const parameter of parameterLayout(config).parameters) {
      const tensor = tensors.get(prefix + parameter.name);
      if (tensor?.values.length !== parameter.size) {
        throw new FlashlmError(
          'bad-checkpoint',
          `${file} lacks ${prefix}${parameter.name}.`,
          'Start a new run.',
        );
      }
      parameterView(flat, parameter).set(tensor.values);
    }
  }
  return state;
}

function parts({ parameters, firstMoment, secondMoment }: TrainingVectors): [string, Float32Array][] {
  return [
    ['', parameters],
    ['first_moment.', firstMoment],
    ['second_moment.', secondMoment],
  ];
}

function parseState(json: string | undefined, file: string): TrainingState {
  try {
    return trainingStateSchema.parse(JSON.parse(json ?? ''));
  } catch (cause) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${file} is not a run that this version of flashlm-mcu can go on with.`,
      'Choose another --out folder to start a new run.',
      { cause },
    );
  }
}
