import { describe, expect, it } from 'vitest';
import type { FloatModel } from '../../src/float/model.js';
import { readStateDict } from '../../src/import/state-dict.js';
import { parseWeights } from '../../src/import/weights-file.js';
import { makeRandomFloatModel } from '../float/random-model.js';
import { dictionary, global, integer, pickled, tensor, text, tuple } from './pickle-writer.js';
import { torchFile } from './torch-model.js';
import { zip } from './zip-writer.js';

const CONFIG = { vocabulary: 11, dimension: 6, blocks: 2, hidden: 8, kernel: 3, context: 128 };
const MODEL: FloatModel = { ...makeRandomFloatModel(CONFIG, 1), name: 'test' };
const GAINS = MODEL.parameters.get('final_norm.scale') ?? new Float32Array(0);

async function read(bytes: Uint8Array): Promise<FloatModel> {
  return readStateDict(await parseWeights(bytes, 'test.pt'), 'test');
}

/** The model's file with another final_norm.scale [6] in a storage of its own. */
function withGains(content: Uint8Array, change: Partial<Parameters<typeof tensor>[0]>): Uint8Array {
  const written = tensor({ key: 'gains', elements: 6, shape: [6], ...change });
  return torchFile(MODEL, {
    tensors: { 'final_norm.scale': written },
    entries: [{ name: 'm/data/gains', content }],
  });
}

function bytesOf(values: Float32Array | Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

describe('a file of torch.save', () => {
  it('gives the model that is in it', async () => {
    expect(await read(torchFile(MODEL))).toEqual(MODEL);
  });

  it('may be the state_dict alone; then windows have the usual length', async () => {
    const { config, parameters } = await read(torchFile(MODEL, { bare: true }));
    expect(config).toEqual({ ...CONFIG, context: 256 });
    expect(parameters).toEqual(MODEL.parameters);
  });

  it.each(['_orig_mod.', 'module.', 'module._orig_mod.'])(
    'may have the prefix %s before every name',
    async (prefix) => {
      expect(await read(torchFile(MODEL, { prefix }))).toEqual(MODEL);
    },
  );

  it('may leave the tied head out', async () => {
    expect(await read(torchFile(MODEL, { tensors: { 'head.weight': '' } }))).toEqual(MODEL);
  });

  it('may hold doubles, halves and bfloats', async () => {
    const gains = async (file: Uint8Array) => [
      ...((await read(file)).parameters.get('final_norm.scale') ?? []),
    ];
    const doubles = bytesOf(Float64Array.of(1, -2, 1 / 3, 0, 5, 6));
    expect(await gains(withGains(doubles, { storage: 'DoubleStorage' }))).toEqual([
      1,
      -2,
      Math.fround(1 / 3),
      0,
      5,
      6,
    ]);
    // IEEE 754 half: 1, -2, 1/3, the smallest subnormal, 65504, 0
    const halves = bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0));
    expect(await gains(withGains(halves, { storage: 'HalfStorage' }))).toEqual([
      1,
      -2,
      0.333251953125,
      2 ** -24,
      65504,
      0,
    ]);
    // bfloat16: 1, -2, 3.140625, 2^-126, 0, -0.5
    const bfloats = bytesOf(Uint16Array.of(0x3f80, 0xc000, 0x4049, 0x0080, 0, 0xbf00));
    expect(await gains(withGains(bfloats, { storage: 'BFloat16Storage' }))).toEqual([
      1,
      -2,
      3.140625,
      2 ** -126,
      0,
      -0.5,
    ]);
  });

  it('may hold views: an offset and strides', async () => {
    const everySecond = Float32Array.from({ length: 16 }, (_, i) => i);
    const file = withGains(bytesOf(everySecond), { elements: 16, offset: 3, strides: [2] });
    expect((await read(file)).parameters.get('final_norm.scale')).toEqual(
      Float32Array.of(3, 5, 7, 9, 11, 13),
    );
  });

  it('may hold a transposed matrix', async () => {
    const name = 'blocks.0.ffn.W_gate.weight';
    const rows = MODEL.parameters.get(name) ?? new Float32Array(0);
    const transposed = Float32Array.from({ length: 48 }, (_, i) => rows[(i % 8) * 6 + Math.floor(i / 8)]);
    const file = torchFile(MODEL, {
      tensors: { [name]: tensor({ key: 't', elements: 48, shape: [8, 6], strides: [1, 8] }) },
      entries: [{ name: 'm/data/t', content: bytesOf(transposed) }],
    });
    expect(await read(file)).toEqual(MODEL);
  });

  it('is not read beyond what the model needs: a hostile optimizer tensor is never looked at', async () => {
    const hostile = tensor({ key: 'nowhere', elements: 2 ** 40, shape: [2 ** 40] });
    expect(await read(torchFile(MODEL, { extra: { optimizer: hostile } }))).toEqual(MODEL);
  });
});

describe('a hostile or damaged file of torch.save is refused', () => {
  const gains = bytesOf(GAINS);
  const evil = `${global('posix', 'system')}${tuple(text('touch /tmp/flashlm-was-here'))}R`;
  const otherPickle = (content: Uint8Array) => zip([{ name: 'm/data.pkl', content }]);
  const REPEATED = { name: 'm/data/0', content: gains };

  it.each([
    ['a function call beside the weights', torchFile(MODEL, { extra: { x: evil } }), /"posix\.system"/],
    ['a function call among the weights', torchFile(MODEL, { tensors: { x: evil } }), /"posix\.system"/],
    [
      'a class that only a training script knows',
      torchFile(MODEL, { extra: { a: global('argparse', 'Namespace') } }),
      /"argparse\.Namespace"/,
    ],
    ['a view that begins beyond its storage', withGains(gains, { offset: 1 }), /reaches beyond its storage/],
    ['strides that leave the storage', withGains(gains, { strides: [2] }), /reaches beyond its storage/],
    ['strides near 2^53', withGains(gains, { strides: [2 ** 53 - 1] }), /reaches beyond its storage/],
    [
      'strides of zero: a huge tensor in a small file',
      torchFile(MODEL, {
        tensors: {
          'embedding.weight': tensor({ key: '1', elements: 6, shape: [65535, 6], strides: [0, 1] }),
          'head.weight': '',
        },
        config: { vocab_size: 65535 },
      }),
      /reaches beyond its storage/,
    ],
    ['strides below zero', withGains(gains, { strides: [-1] }), /calls "torch\._utils\._rebuild_tensor_v2"/],
    ['an offset below zero', withGains(gains, { offset: -4 }), /_rebuild_tensor_v2/],
    ['more strides than dimensions', withGains(gains, { strides: [1, 1] }), /_rebuild_tensor_v2/],
    [
      'a storage that claims more than its file',
      withGains(gains, { elements: 7 }),
      /24 bytes that claims 7 elements/,
    ],
    ['a storage of 2^50 elements', withGains(gains, { elements: 2 ** 50 }), /24 bytes that claims/],
    ['a storage without a file', withGains(gains, { key: '../data.pkl' }), /"\.\.\/data\.pkl" is missing/],
    [
      'integers for weights',
      withGains(gains, { storage: 'IntStorage' }),
      /torch\.IntStorage, which are no floats/,
    ],
    [
      'a storage class that does not exist',
      withGains(gains, { storage: 'EvilStorage' }),
      /"torch\.EvilStorage"/,
    ],
    [
      'a number among the weights',
      torchFile(MODEL, { tensors: { step: integer(5) } }),
      /"step" is a number, not a tensor/,
    ],
    ['a list for a pickle', otherPickle(pickled('](K\x01e')), /it holds a list/],
    ['a pickle that is cut off', otherPickle(Buffer.from('\x80\x02}', 'latin1')), /is cut off/],
    ['no pickle', zip([{ name: 'm/data/0', content: gains }]), /no data\.pkl/],
    [
      'two pickles',
      zip(['a', 'b'].map((name) => ({ name: `${name}/data.pkl`, content: gains }))),
      /more than one data\.pkl/,
    ],
    [
      'a TorchScript program',
      torchFile(MODEL, { entries: [{ name: 'm/constants.pkl', content: gains }] }),
      /TorchScript/,
    ],
    [
      'big-endian numbers',
      torchFile(MODEL, { entries: [{ name: 'm/byteorder', content: Buffer.from('big') }] }),
      /not little-endian/,
    ],
    ['a file twice', torchFile(MODEL, { entries: [REPEATED] }), /"m\/data\/0" twice/],
    [
      'a compressed file',
      zip([{ name: 'm/data.pkl', content: gains, claimed: { method: 8 } }]),
      /compressed or encrypted/,
    ],
    [
      'an encrypted file',
      zip([{ name: 'm/data.pkl', content: gains, claimed: { flags: 1 } }]),
      /damaged zip: .*size mismatch/,
    ],
    [
      'a wrong CRC',
      zip([{ name: 'm/data.pkl', content: gains, claimed: { crc: 1 } }]),
      /CRC of "m\/data\.pkl" is wrong/,
    ],
    [
      'a file larger than the zip',
      zip([{ name: 'm/data.pkl', content: gains, claimed: { size: 50e6 } }]),
      /damaged zip: .*overflows file bounds/,
    ],
    [
      'a pickle of four gigabytes',
      zip([{ name: 'm/data.pkl', content: gains, claimed: { size: 0xfffffff0 } }]),
      /pickle has 4294967280 bytes/,
    ],
    ['a path that climbs out', zip([{ name: '../data.pkl', content: gains }]), /damaged zip/],
    ['a zip that ends early', torchFile(MODEL).subarray(0, 3000), /damaged zip/],
    ['nothing', new Uint8Array(0), /is empty/],
    [
      'text',
      Buffer.from('Once upon a time there was\na model\nthat was none.'),
      /neither a zip.*nor a safetensors file/,
    ],
    ['noise', Buffer.alloc(300, 0xa5), /neither a zip/],
    [
      'the format before PyTorch 1.6',
      Buffer.from('80028a0a6cfc9c46f9206aa850192e8002', 'hex'),
      /PyTorch before 1\.6/,
    ],
    ['a bare pickle that calls a function', pickled(dictionary({ a: evil })), /"posix\.system"/],
    [
      'a bare pickle of protocol 0 that calls one',
      Buffer.from("cos\nsystem\n(S'touch x'\ntR."),
      /"os\.system"/,
    ],
    ['a bare pickle that does no harm', pickled(dictionary({ a: integer(1) })), /neither a zip/],
  ])('%s', async (_, bytes, sentence) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'bad-checkpoint',
      what: expect.stringMatching(sentence),
    });
  });
});

describe('a file with another model is refused', () => {
  const wrongShape = tensor({ key: '1', elements: 6, shape: [3, 2] });
  it.each([
    ['a missing tensor', { tensors: { 'blocks.1.norm2.scale': '' } }, /no tensor blocks\.1\.norm2\.scale/],
    ['no embedding', { tensors: { 'embedding.weight': '' } }, /no tensor embedding\.weight/],
    [
      'a tensor too many',
      { tensors: { 'blocks.0.attention.weight': wrongShape } },
      /"blocks\.0\.attention\.weight" too many/,
    ],
    [
      'a block far away',
      { tensors: { 'blocks.999999999.norm1.scale': wrongShape } },
      /blocks of 1000000000 is out of range/,
    ],
    [
      'a tensor of another shape',
      { tensors: { 'blocks.0.norm1.scale': wrongShape } },
      /norm1\.scale has 2 dimensions instead of 1/,
    ],
    [
      'a matrix of another shape',
      { tensors: { 'blocks.1.ffn.W_down.weight': wrongShape } },
      /W_down\.weight is 3 x 2 where the others ask for 6 x 8/,
    ],
    ['a config of another model', { config: { dim: 192 } }, /says dim 192, and its tensors say 6/],
    ['a config of another depth', { config: { n_blocks: 6 } }, /says n_blocks 6, and its tensors say 2/],
    [
      'a head of its own',
      {
        tensors: { 'head.weight': tensor({ key: 'own', elements: 66, shape: [11, 6] }) },
        entries: [{ name: 'm/data/own', content: new Uint8Array(264) }],
      },
      /head\.weight differs from embedding\.weight/,
    ],
    [
      'a head of another shape',
      { tensors: { 'head.weight': wrongShape } },
      /head\.weight is 3 x 2 where the others ask for 11 x 6/,
    ],
  ])('%s', async (_, changes, sentence) => {
    await expect(read(torchFile(MODEL, changes))).rejects.toMatchObject({
      code: 'bad-checkpoint',
      what: expect.stringMatching(sentence),
    });
  });

  it('weights that are not numbers', async () => {
    const broken = makeRandomFloatModel(CONFIG, 2);
    broken.parameters.get('blocks.0.mixer.up.weight')?.fill(Number.NaN, 5, 6);
    await expect(read(torchFile(broken))).rejects.toThrow(
      /mixer\.up\.weight holds a value that is not a finite number/,
    );
  });
});
