import { FlashlmError } from '../errors.js';
import { quote } from '../quote.js';
import type { NamedTensor, TensorFile } from './named-tensors.js';
import { PickleRefusal, unpickle } from './pickle.js';
import { describeValue, PickleDictionary, TensorReference } from './pickle-values.js';
import { STATE_DICT_VOCABULARY } from './torch-objects.js';
import { readTorchTensor } from './torch-tensor.js';
import { listZip, type ZipEntry } from './zip.js';

/** Where training scripts put the state_dict; FlashLM uses the first. Without any, the file is the state_dict. */
const STATE_DICT_KEYS = ['model_state_dict', 'state_dict', 'model'];
/** What wrappers put before every name: torch.compile and DistributedDataParallel. */
const WRAPPER_PREFIX = /^(_orig_mod\.|module\.)+/;
/** The pickle of FlashLM's checkpoint with its optimizer takes 30 KB; this is only a bound on what is interpreted. */
const LARGEST_PICKLE_BYTES = 64 * 1024 * 1024;
/** How a file of PyTorch before 1.6 begins: the pickle of the number 0x1950a86a20f9469cfc6c. */
const LEGACY_BEGINNING = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');

/** First byte of every pickle since protocol 2. */
const PROTOCOL = 0x80;

/** Whether bytes begin as a zip does. */
export function isZip(bytes: Uint8Array): boolean {
  return startsWith(bytes, Buffer.from('PK\x03\x04', 'latin1'));
}

/**
 * Reads what torch.save wrote (a zip with a pickle and one file for each storage), without running anything of it.
 *
 * @param source the file's name, for messages
 * @throws FlashlmError bad-checkpoint
 */
export async function readTorchFile(bytes: Uint8Array, source: string): Promise<TensorFile> {
  const entries = await listZip(bytes, source);
  const prefix = findPrefix(entries, source);
  await requireLittleEndian(entries.get(`${prefix}byteorder`), source);
  const root = unpickle(await readPickle(entries, prefix, source), STATE_DICT_VOCABULARY, source);
  if (!(root instanceof PickleDictionary)) throw noStateDict(source, `it holds ${describeValue(root)}`);
  const stateDict = findStateDict(root);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, value] of stateDict.entries) {
    if (typeof name !== 'string' || !(value instanceof TensorReference)) {
      throw noStateDict(source, `${quote(String(name))} is ${describeValue(value)}, not a tensor`);
    }
    const plainName = name.replace(WRAPPER_PREFIX, '');
    const read = async () =>
      readTorchTensor(value, await readStorage(entries, prefix, value, source), plainName, source);
    tensors.set(plainName, { shape: value.shape, read });
  }
  const config = root.entries.get('config');
  return {
    source,
    tensors,
    config: config instanceof PickleDictionary ? config.entries : null,
  };
}

/**
 * Says why a file that is no zip is no PyTorch file either.
 *
 * @returns the error to throw; for a pickle that asks for something dangerous, its refusal by name
 */
export function explainOtherPickle(bytes: Uint8Array, source: string): FlashlmError {
  if (startsWith(bytes.subarray(2), LEGACY_BEGINNING)) {
    return new FlashlmError(
      'bad-checkpoint',
      `${source} is in the format of PyTorch before 1.6, which is not read.`,
      'Load it with PyTorch and save its state_dict again with torch.save, which writes a zip since 1.6.',
    );
  }
  try {
    if (bytes.length <= LARGEST_PICKLE_BYTES) unpickle(bytes, STATE_DICT_VOCABULARY, source);
  } catch (error) {
    if (error instanceof PickleRefusal && (bytes[0] === PROTOCOL || isName(error.subject))) return error;
  }
  return new FlashlmError(
    'bad-checkpoint',
    `${source} is neither a zip, as torch.save writes it, nor a safetensors file.`,
    'Give model.pt as torch.save wrote it, or model.safetensors.',
  );
}

/** Whether it could be a name in Python; a text that happens to begin like an old pickle hardly holds one. */
function isName(subject: string | null): boolean {
  return subject !== null && /^[a-z_][\w.]*$/i.test(subject);
}

/** The archive's one folder, with its slash: the files of torch.save lie in `NAME/`. */
function findPrefix(entries: Map<string, ZipEntry>, source: string): string {
  const found = [...entries.keys()].filter((name) => /^([^/]*\/)?data\.pkl$/.test(name));
  if (found.length !== 1) {
    throw noStateDict(source, `the zip holds ${found.length === 0 ? 'no' : 'more than one'} data.pkl`);
  }
  const prefix = found[0].slice(0, -'data.pkl'.length);
  if (entries.has(`${prefix}constants.pkl`)) throw noStateDict(source, 'it is a TorchScript program');
  return prefix;
}

async function requireLittleEndian(byteOrder: ZipEntry | undefined, source: string): Promise<void> {
  if (byteOrder === undefined) return;
  const text = Buffer.from(await byteOrder.read()).toString('latin1');
  if (text !== 'little') throw noStateDict(source, 'its numbers are not little-endian');
}

async function readPickle(
  entries: Map<string, ZipEntry>,
  prefix: string,
  source: string,
): Promise<Uint8Array> {
  const entry = entries.get(`${prefix}data.pkl`);
  if (entry === undefined || entry.size > LARGEST_PICKLE_BYTES) {
    throw noStateDict(source, `its pickle has ${entry?.size ?? 0} bytes`);
  }
  return entry.read();
}

function findStateDict(root: PickleDictionary): PickleDictionary {
  for (const key of STATE_DICT_KEYS) {
    const value = root.entries.get(key);
    if (value instanceof PickleDictionary) return value;
  }
  return root;
}

async function readStorage(
  entries: Map<string, ZipEntry>,
  prefix: string,
  { storage }: TensorReference,
  source: string,
): Promise<Uint8Array> {
  const entry = entries.get(`${prefix}data/${storage.key}`);
  if (entry === undefined) throw noStateDict(source, `the storage ${quote(storage.key)} is missing`);
  return entry.read();
}

function noStateDict(source: string, why: string): FlashlmError {
  return new FlashlmError(
    'bad-checkpoint',
    `${source} holds no state_dict: ${why}.`,
    'Save model.state_dict() with torch.save, alone or under "model_state_dict".',
  );
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, beginning.length), beginning) === 0;
}
