import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FlashlmError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import type { FloatModel } from '../float/model.js';
import { type ModelConfig, modelConfigSchema } from '../model/config.js';
import { parameterLayout, parameterView } from '../model/parameters.js';
import { readTokenizer, writeTokenizer } from '../tokenizer/file.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { decodeSafetensors, encodeSafetensors, type FloatTensor } from './safetensors.js';

/** A trained model with the tokenizer that it was trained with. */
export interface Checkpoint {
  model: FloatModel;
  tokenizer: Tokenizer;
}

const WEIGHTS_FILE = 'model.safetensors';
const CONFIG_FILE = 'config.json';
const TOKENIZER_FILE = 'tokenizer.json';

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
 * Writes config.json, tokenizer.json and model.safetensors, each atomically. Weights are stored with 16 bits: half
 * the size, and the image that is made from the checkpoint sees the same rounded values as every later reader.
 * @throws FlashlmError write-failed
 */
export async function writeCheckpoint(
  directory: string,
  config: ModelConfig,
  parameters: Float32Array,
  tokenizer: Tokenizer,
): Promise<void> {
  await writeFileAtomically(path.join(directory, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  await writeTokenizer(path.join(directory, TOKENIZER_FILE), tokenizer);
  const tensors = tensorsOf(config, parameters);
  const weights = encodeSafetensors({ tensors, metadata: { format: 'flashlm' } }, 'F16');
  await writeFileAtomically(path.join(directory, WEIGHTS_FILE), weights);
}

/**
 * Reads a checkpoint folder.
 * @throws FlashlmError missing-file, bad-checkpoint or bad-tokenizer
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const config = await readConfig(path.join(directory, CONFIG_FILE));
  const tokenizer = await readTokenizer(path.join(directory, TOKENIZER_FILE));
  if (tokenizer.vocabularySize !== config.vocabulary) {
    throw new FlashlmError(
      'bad-checkpoint',
      `${directory} has a tokenizer of ${tokenizer.vocabularySize} entries and a model of ${config.vocabulary}.`,
      'Use the tokenizer that the model was trained with.',
    );
  }
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
  return { model: { name: path.basename(path.resolve(directory)), config, parameters }, tokenizer };
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
