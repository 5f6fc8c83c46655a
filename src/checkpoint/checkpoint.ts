import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { FloatModel } from '../float/model.js';
import { parameterOf } from '../float/parameter.js';
import { type ModelConfig, modelConfigSchema } from '../model/config.js';
import { WEIGHTS_FILE } from '../model/find.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { readStoredTokenizer, writeTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type FloatPrecision,
  type FloatTensor,
} from './safetensors.js';

/** A trained model with the tokenizer that it was trained with. */
export interface Checkpoint {
  model: FloatModel;
  tokenizer: Tokenizer;
}

const CONFIG_FILE = 'config.json';
export const TOKENIZER_FILE = 'tokenizer.json';

/** The parameters of a flat vector as named tensors, in the order of parameterLayout(config). */
export function tensorsOf(config: ModelConfig, flat: Float32Array): Map<string, FloatTensor> {
  return new Map(
    parameterLayout(config).parameters.map((parameter) => [
      parameter.name,
      { shape: parameter.shape, values: parameterView(flat, parameter) },
    ]),
  );
}

/**
 * Writes config.json, tokenizer.json and model.safetensors, each atomically. Weights of models trained here are stored
 * with 16 bits: half the size, and the image that is made from the checkpoint sees the same rounded values as every
 * later reader.
 * @throws FlashlmError write-failed
 */
export async function writeCheckpoint(
  directory: string,
  config: ModelConfig,
  parameters: Float32Array,
  tokenizer: Tokenizer,
  precision: FloatPrecision = 'F16',
): Promise<void> {
  await writeTokenizer(path.join(directory, TOKENIZER_FILE), tokenizer);
  await writeModel(directory, config, tensorsOf(config, parameters), precision);
}

/**
 * Writes config.json and model.safetensors.
 * @param metadata strings that go into the safetensors file
 * @throws FlashlmError write-failed
 */
export async function writeModel(
  directory: string,
  config: ModelConfig,
  tensors: Map<string, FloatTensor>,
  precision: FloatPrecision,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFileAtomically(path.join(directory, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  const weights = encodeSafetensors({ tensors, metadata: { format: 'flashlm', ...metadata } }, precision);
  await writeFileAtomically(path.join(directory, WEIGHTS_FILE), weights);
}

/**
 * Reads a checkpoint folder. The model's tokens are in the order of the tokenizer, which is that of a chip, also where
 * an imported model has another order of its own.
 * @throws FlashlmError missing-file, bad-checkpoint or bad-tokenizer
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const model = await readModel(directory);
  const file = path.join(directory, TOKENIZER_FILE);
  const { tokenizer, vocabulary, rows } = await readStoredTokenizer(file);
  if (vocabulary.pieces.length !== model.config.vocabulary) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${directory} has a tokenizer of ${vocabulary.pieces.length} entries and a model of ${model.config.vocabulary}.`,
      'Use the tokenizer that the model was trained with.',
    );
  }
  return { model: rows === null ? model : withRows(model, rows), tokenizer };
}

/**
 * Reads the model of a checkpoint folder, its tokens in the order that the model was trained with.
 * @throws FlashlmError missing-file or bad-checkpoint
 */
export async function readModel(directory: string): Promise<FloatModel> {
  const config = await readConfig(path.join(directory, CONFIG_FILE));
  const file = path.join(directory, WEIGHTS_FILE);
  const { tensors } = decodeSafetensors(await readExisting(file), file);
  const parameters = new Map(
    parameterLayout(config).parameters.map(({ name, size }) => {
      const tensor = tensors.get(name);
      if (tensor?.values.length !== size) {
        throw new FlashlmError(
          'bad-checkpoint',
          `${file} has no tensor ${name} of ${size} values.`,
          'Use the config.json that belongs to it.',
        );
      }
      return [name, tensor.values] as const;
    }),
  );
  return { name: path.basename(path.resolve(directory)), config, parameters };
}

/** The same model with its tokens in another order. @param rows the old token for each new one */
function withRows(model: FloatModel, rows: Uint16Array): FloatModel {
  const { dimension } = model.config;
  const parameters = new Map(model.parameters);
  parameters.set('embedding.weight', orderRows(parameterOf(model, 'embedding.weight'), dimension, rows));
  const clusterOfToken = model.parameters.get('head.cluster_of_token');
  if (clusterOfToken !== undefined) {
    parameters.set('head.cluster_of_token', orderRows(clusterOfToken, 1, rows));
  }
  return { ...model, config: { ...model.config, vocabulary: rows.length }, parameters };
}

/** @param values [tokens x columns] */
function orderRows(values: Float32Array, columns: number, rows: Uint16Array): Float32Array {
  const ordered = new Float32Array(rows.length * columns);
  for (const [token, row] of rows.entries()) {
    ordered.set(values.subarray(row * columns, (row + 1) * columns), token * columns);
  }
  return ordered;
}

async function readConfig(file: string): Promise<ModelConfig> {
  const text = Buffer.from(await readExisting(file)).toString('utf8');
  try {
    return modelConfigSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${file} is not a model configuration.`,
      'See docs/training.md.',
      {
        cause,
      },
    );
  }
}

async function readExisting(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause) => {
    throw new FlashlmError('missing-file', `There is no file ${file}.`, 'Give the folder of a checkpoint.', {
      cause,
    });
  });
}
