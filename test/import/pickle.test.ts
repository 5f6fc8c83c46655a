import { describe, expect, it } from 'vitest';
import { unpickle } from '../../src/import/pickle.js';
import { PickleDictionary, PickleTuple, type PickleValue } from '../../src/import/pickle-values.js';
import { STATE_DICT_VOCABULARY } from '../../src/import/torch-objects.js';
import { dictionary, global, integer, PROTOCOL_2, pickled, shortText, text, tuple } from './pickle-writer.js';

function read(bytes: Uint8Array): unknown {
  return plain(unpickle(bytes, STATE_DICT_VOCABULARY, 'test.pt'));
}

/** Tuples as arrays, dictionaries as objects. */
function plain(value: PickleValue): unknown {
  if (value instanceof PickleTuple) return value.items.map(plain);
  if (value instanceof PickleDictionary) {
    return Object.fromEntries([...value.entries].map(([key, item]) => [String(key), plain(item)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

/** What Python's pickle.dumps gives for the same value, as hexadecimal digits (CPython 3.11). */
const VALUE = { a: [1, -2.5, true, null], b: [300, 70000, 'é', 2 ** 40] };
const FROM_PYTHON = [
  [
    'protocol 0',
    '286470300a56610a70310a286c70320a49310a61462d322e350a614930310a614e617356620a70330a28493330300a4937303030300a5' +
      '6e90a70340a4c313039393531313632373737364c0a7470350a732e',
  ],
  [
    'protocol 2',
    '80027d71002858010000006171015d7102284b0147c004000000000000884e655801000000627103284d2c014a7011010058020000' +
      '00c3a971048a060000000000017471057' +
      '52e',
  ],
  [
    'protocol 4',
    '80049536000000000000007d94288c0161945d94284b0147c004000000000000884e658c016294284d2c014a701101008c02c3a994' +
      '8a060000000000017494752e',
  ],
];

describe('unpickle', () => {
  it.each(FROM_PYTHON)('reads plain values of %s', (protocol, digits) => {
    // Protocol 0 writes é as one byte of Latin-1, which is no UTF-8; torch.save never uses it.
    const bytes = Buffer.from(
      protocol === 'protocol 0' ? digits.replace('56e90a', '56c3a90a') : digits,
      'hex',
    );
    expect(read(bytes)).toEqual(VALUE);
  });

  it('gives back what was stored in the memo', () => {
    expect(read(pickled(`(${text('x')}q\x01h\x01r\x02\x01\0\0j\x02\x01\0\0t`))).toEqual(['x', 'x', 'x']);
    expect(read(pickled(`(${shortText('y')}\x94h\x00t`))).toEqual(['y', 'y']);
  });

  it('keeps a key that is called __proto__ an ordinary key', () => {
    const value = unpickle(pickled(dictionary({ ['__proto__']: integer(1) })), STATE_DICT_VOCABULARY, 't');
    expect(value).toBeInstanceOf(PickleDictionary);
    expect([...(value as PickleDictionary).entries]).toEqual([['__proto__', 1]]);
    expect(({} as Record<string, unknown>)[1]).toBeUndefined();
  });

  const argument = tuple(text('touch /tmp/flashlm-was-here'));
  it.each([
    ['posix.system by GLOBAL and REDUCE', `${global('posix', 'system')}${argument}R`, '"posix.system"'],
    ['os.system, never called', `(${global('os', 'system')}${integer(1)}t`, '"os.system"'],
    ['builtins.eval', `${global('builtins', 'eval')}${argument}R`, '"builtins.eval"'],
    [
      '__builtin__.eval, as Python 2 calls it',
      `${global('__builtin__', 'eval')}${argument}R`,
      '"__builtin__.eval"',
    ],
    ['STACK_GLOBAL', `${shortText('posix')}${shortText('system')}\x93${argument}R`, '"posix.system"'],
    [
      'STACK_GLOBAL with its names out of the memo',
      `${shortText('system')}\x940${shortText('posix')}\x94h\x00\x93${argument}R`,
      '"posix.system"',
    ],
    [
      'STACK_GLOBAL with a name that hides in a dictionary of the state_dict',
      `${dictionary({ a: `${text('posix')}q\x07`, b: `${text('system')}q\x08` })}0h\x07h\x08\x93${argument}R`,
      '"posix.system"',
    ],
    [
      'STACK_GLOBAL with a dotted name',
      `${shortText('torch')}${shortText('_utils.os.system')}\x93`,
      '"torch._utils.os.system"',
    ],
    [
      'STACK_GLOBAL with a number for a name',
      `${shortText('posix')}K\x01\x93`,
      'a name that is a text and a number',
    ],
    ['INST', `(${text('touch')}iposix\nsystem\n`, '"posix.system" (INST)'],
    ['INST of a known class', '(icollections\nOrderedDict\n', '"collections.OrderedDict" (INST)'],
    ['INST in protocol 0', "(S'touch'\nios\nsystem\n", '"os.system" (INST)'],
    ['OBJ', `(${global('collections', 'OrderedDict')}${text('x')}o`, 'instruction OBJ'],
    ['NEWOBJ', `${global('collections', 'OrderedDict')})\x81`, '"collections.OrderedDict" (NEWOBJ)'],
    ['NEWOBJ of something else', `${global('subprocess', 'Popen')}${argument}\x81`, '"subprocess.Popen"'],
    ['NEWOBJ_EX', `${global('collections', 'OrderedDict')})}\x92`, 'instruction NEWOBJ_EX'],
    [
      'REDUCE of a known class that is no function',
      `${global('torch', 'FloatStorage')})R`,
      'calls "torch.FloatStorage"',
    ],
    [
      'REDUCE of an OrderedDict with contents',
      `${global('collections', 'OrderedDict')}${argument}R`,
      'OrderedDict',
    ],
    ['REDUCE of a text', `${text('eval')}${argument}R`, 'calls "a text"'],
    ['REDUCE with a list for parameters', `${global('collections', 'OrderedDict')}]R`, 'OrderedDict'],
    ['BUILD of a tuple', `)${dictionary({ x: integer(1) })}b`, 'attributes of "a tuple" (BUILD)'],
    [
      'BUILD of a class',
      `${global('torch', 'FloatStorage')}${dictionary({})}b`,
      '"torch.FloatStorage" (BUILD)',
    ],
    ['BUILD with a tuple of states', `${dictionary({})}(N${dictionary({})}tb`, 'a dictionary" (BUILD)'],
    ['an extension of copyreg', '\x82\x01', 'instruction EXT1'],
    ['a persistent id in text', 'Pstorage\n', 'instruction PERSID'],
    ['a persistent id that is no storage', `${text('/etc/passwd')}Q`, 'outside object by a text'],
    [
      'a storage of a class that is none',
      `${tuple(text('storage'), text('os'), text('0'), text('cpu'), integer(1))}Q`,
      'outside object',
    ],
    ['an instruction that does not exist', '\xff', 'instruction "?"'],
    ['a name with control characters', `${global('posix', '\x1b[2Jsystem\x7f')}`, '"posix.?[2Jsystem?"'],
  ])('refuses %s by name', (_, body, named) => {
    expect(() => read(pickled(body))).toThrow(
      expect.objectContaining({ code: 'bad-checkpoint', what: expect.stringContaining(named) }),
    );
    expect(() => read(pickled(body))).toThrow(/nothing of it was run/);
  });

  it.each([
    ['a value from an empty stack', '0'],
    ['a value from below a mark', 'N(0'],
    ['a group that was never opened', 't'],
    ['a memo that was never filled', 'h\x05'],
    ['an item of a number', 'K\x01K\x02K\x03s'],
    ['an item appended to a tuple', ')K\x01a'],
    ['half a pair', '}(K\x01u'],
    ['a list as a key', '}]K\x01s'],
    ['a text that is no UTF-8', 'X\x01\0\0\0\xff'],
    ['a text of four gigabytes', 'X\xff\xff\xff\xff'],
    ['bytes of 2^60', '\x8e\0\0\0\0\0\0\0\x10'],
    ['a number of 200 bytes', `\x8a\xc8${'\x01'.repeat(200)}`],
    ['a number that is none', 'I1e3\n'],
    ['protocol 9', '\x80\x09N'],
    ['no end', 'N'],
  ])('refuses %s as damage', (_, body) => {
    const withoutEnd = Buffer.from(`${PROTOCOL_2}${body}`, 'latin1');
    for (const bytes of body === 'N' ? [withoutEnd] : [withoutEnd, pickled(body)]) {
      expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'bad-checkpoint' }));
    }
  });

  it('refuses every truncation', () => {
    const bytes = Buffer.from(FROM_PYTHON[2][1], 'hex');
    for (let length = 0; length < bytes.length; length++) {
      expect(() => read(bytes.subarray(0, length))).toThrow(/is cut off|ends within/);
    }
  });
});
