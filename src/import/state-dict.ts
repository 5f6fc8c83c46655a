import { FlashlmError } from '../errors.js';
import type { FloatModel } from '../float/model.js';
import { checkParameters } from '../float/parameter.js';
import { type ModelConfig, modelConfigSchema } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { quote } from '../quote.js';
import type { TensorFile } from './named-tensors.js';

/** The output matrix, which FlashLM ties to the embedding. */
const HEAD = 'head.weight';
const EMBEDDING = 'embedding.weight';
/** FlashLM's names of what parameterLayout calls the shape. */
const CONFIG_KEYS = [
  ['vocab_size', 'vocabulary'],
  ['dim', 'dimension'],
  ['n_blocks', 'blocks'],
  ['glu_hidden', 'hidden'],
  ['kernel_size', 'kernel'],
] as const;
const CONTEXT_KEY = 'seq_len';
/** FlashLM v4's; a model computes the same whatever its training windows were. */
const DEFAULT_CONTEXT = 256;

/**
 * The FlashLM v4 model in a file: its shape is read off the tensors and checked against what the file says of itself.
 *
 * @param name of the model
 * @throws FlashlmError bad-checkpoint for tensors that are not those of a FlashLM v4, all of them and no others
 */
export async function readStateDict(file: TensorFile, name: string): Promise<FloatModel> {
  const config = shapeOf(file);
  compareConfig(file, config);
  const layout = parameterLayout(config).parameters;
  const expected = new Map(layout.map((parameter) => [parameter.name, parameter.shape]));
  if (file.tensors.has(HEAD)) expected.set(HEAD, [config.vocabulary, config.dimension]);
  for (const [key, shape] of expected) requireShape(file, key, shape);
  for (const key of file.tensors.keys()) {
    if (!expected.has(key)) throw otherModel(file, `it has a tensor ${quote(key)} too many`);
  }
  const parameters = new Map<string, Float32Array>();
  for (const { name: key } of layout) parameters.set(key, await read(file, key));
  const model = { name, config, parameters };
  checkParameters(model);
  await requireTiedHead(file, model);
  return model;
}

function shapeOf(file: TensorFile): ModelConfig {
  const [vocabulary, dimension] = shapeOfTensor(file, EMBEDDING, 2);
  const [hidden] = shapeOfTensor(file, 'blocks.0.ffn.W_gate.weight', 2);
  const [, , kernel] = shapeOfTensor(file, 'blocks.0.mixer.conv.weight', 3);
  const indices = [...file.tensors.keys()].map((key) => Number(/^blocks\.(\d+)\./.exec(key)?.[1] ?? 0));
  const blocks = 1 + indices.reduce((most, index) => Math.max(most, index), 0);
  const context = file.config?.get(CONTEXT_KEY);
  const shape = { vocabulary, dimension, blocks, hidden, kernel };
  const parsed = modelConfigSchema.safeParse({ ...shape, context });
  if (parsed.success) return parsed.data;
  // A context that is missing or unusual does not change what the model computes.
  const withoutContext = modelConfigSchema.safeParse({ ...shape, context: DEFAULT_CONTEXT });
  if (withoutContext.success) return withoutContext.data;
  const { path, message } = withoutContext.error.issues[0];
  throw otherModel(
    file,
    `its ${path.join('.')} of ${shape[path[0] as keyof typeof shape]} is out of range: ${message}`,
  );
}

function shapeOfTensor(file: TensorFile, key: string, dimensions: number): number[] {
  const shape = file.tensors.get(key)?.shape;
  if (shape === undefined) throw otherModel(file, `it has no tensor ${key}`);
  if (shape.length !== dimensions) {
    throw otherModel(file, `${key} has ${shape.length} dimensions instead of ${dimensions}`);
  }
  return shape;
}

function requireShape(file: TensorFile, key: string, expected: number[]): void {
  const shape = shapeOfTensor(file, key, expected.length);
  if (shape.some((length, axis) => length !== expected[axis])) {
    throw otherModel(file, `${key} is ${shape.join(' x ')} where the others ask for ${expected.join(' x ')}`);
  }
}

function compareConfig(file: TensorFile, config: ModelConfig): void {
  for (const [theirs, ours] of CONFIG_KEYS) {
    const said = file.config?.get(theirs);
    if (said !== undefined && said !== config[ours]) {
      throw new FlashlmError(
        'bad-checkpoint',
        `${file.source} says ${theirs} ${String(said)}, and its tensors say ${config[ours]}.`,
        'Save config and state_dict of the same model.',
      );
    }
  }
}

async function requireTiedHead(file: TensorFile, { parameters }: FloatModel): Promise<void> {
  if (!file.tensors.has(HEAD)) return;
  const head = await read(file, HEAD);
  const embedding = parameters.get(EMBEDDING);
  if (!head.every((value, i) => value === embedding?.[i])) {
    throw otherModel(file, `${HEAD} differs from ${EMBEDDING}, which FlashLM v4 ties together`);
  }
}

async function read({ tensors }: TensorFile, key: string): Promise<Float32Array> {
  return (await tensors.get(key)?.read()) ?? new Float32Array(0);
}

function otherModel({ source }: Pick<TensorFile, 'source'>, why: string): FlashlmError {
  return new FlashlmError(
    'bad-checkpoint',
    `${source} is not a FlashLM v4: ${why}.`,
    'Give the state_dict of a FlashLM v4; docs/import.md lists its tensors.',
  );
}
