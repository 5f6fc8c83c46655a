import { FlashlmError } from '../errors.js';
import { quote } from '../quote.js';
import { PickleDamage, PickleReader } from './pickle-reader.js';
import {
  describeValue,
  PickleDictionary,
  PickleGlobal,
  type PickleKey,
  PickleTuple,
  type PickleValue,
} from './pickle-values.js';

/** What a pickle may refer to, and what that means here. Anything else is refused by its name. */
export interface PickleVocabulary {
  /** Whether a name such as `collections.OrderedDict` may occur at all. */
  knows(name: string): boolean;
  /** The value of calling a known name; null where it is no function. */
  call(name: string, parameters: PickleValue[]): PickleValue | null;
  /** The object that a persistent id stands for; null where it is none. */
  load(id: PickleValue): PickleValue | null;
}

/** Something that a state_dict never asks for. */
export class PickleRefusal extends FlashlmError {
  /** @param subject the name that was refused, null where an instruction as such was */
  constructor(
    what: string,
    readonly subject: string | null,
  ) {
    super(
      'bad-checkpoint',
      what,
      'Save model.state_dict() alone with torch.save, or as safetensors; beware of such a file from a stranger.',
    );
  }
}

const HIGHEST_PROTOCOL = 5;

/**
 * Reads a pickle without running anything of it: an interpreter of the instructions that build plain values (Python's
 * Lib/pickletools.py describes all of them). Instructions that make objects or call functions go through `vocabulary`;
 * the rest are refused by name.
 *
 * @param source the file's name, for messages
 * @throws PickleRefusal (a FlashlmError bad-checkpoint) for what no state_dict needs, FlashlmError bad-checkpoint for
 *   damage
 */
export function unpickle(bytes: Uint8Array, vocabulary: PickleVocabulary, source: string): PickleValue {
  const machine = new PickleMachine(bytes, vocabulary, source);
  try {
    return machine.run();
  } catch (error) {
    if (!(error instanceof PickleDamage)) throw error;
    throw new FlashlmError(
      'bad-checkpoint',
      `The pickle in ${source} ${error.message}.`,
      'Use an undamaged file, as torch.save writes it.',
      { cause: error },
    );
  }
}

class PickleMachine {
  readonly reader: PickleReader;
  private readonly stack: PickleValue[] = [];
  /** Height of the stack at each open mark. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    bytes: Uint8Array,
    private readonly vocabulary: PickleVocabulary,
    private readonly source: string,
  ) {
    this.reader = new PickleReader(bytes);
  }

  run(): PickleValue {
    for (;;) {
      const code = String.fromCharCode(this.reader.uint8());
      if (code === '.') return this.pop();
      const instruction = INSTRUCTIONS.get(code);
      if (instruction === undefined) {
        throw this.refuse(`uses the pickle instruction ${FORBIDDEN.get(code) ?? quote(code)}`);
      }
      instruction(this);
    }
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  top(): PickleValue {
    const value = this.stack.length > (this.marks.at(-1) ?? 0) ? this.stack.at(-1) : undefined;
    if (value === undefined) throw new PickleDamage('takes a value where there is none');
    return value;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** All values above the newest mark, which goes too. */
  popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw new PickleDamage('closes a group that was never opened');
    return this.stack.splice(mark);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new PickleDamage('recalls a value that it never stored');
    this.push(value);
  }

  append(values: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new PickleDamage(`appends to ${describeValue(list)}`);
    for (const value of values) list.push(value);
  }

  /** @param pairs key, value, key, value, ... */
  setItems(pairs: PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof PickleDictionary) || pairs.length % 2 !== 0) {
      throw new PickleDamage(`sets items of ${describeValue(dictionary)}`);
    }
    for (let i = 0; i < pairs.length; i += 2) dictionary.entries.set(keyOf(pairs[i]), pairs[i + 1]);
  }

  global(name: string): void {
    if (!this.vocabulary.knows(name)) throw this.refuse(`asks for ${quote(name)}`, name);
    this.push(new PickleGlobal(name));
  }

  stackGlobal(): void {
    const [name, module] = [this.pop(), this.pop()];
    if (typeof name !== 'string' || typeof module !== 'string') {
      throw this.refuse(`asks for a name that is ${describeValue(module)} and ${describeValue(name)}`);
    }
    this.global(`${module}.${name}`);
  }

  reduce(): void {
    const [parameters, callable] = [this.pop(), this.pop()];
    const result =
      callable instanceof PickleGlobal && parameters instanceof PickleTuple
        ? this.vocabulary.call(callable.name, parameters.items)
        : null;
    if (result === null) throw this.refuseUseOf(callable, 'calls', 'REDUCE');
    this.push(result);
  }

  /** An object's attributes: PyTorch gives an OrderedDict its `_metadata`, which says nothing about the weights. */
  build(): void {
    const attributes = this.pop();
    const target = this.top();
    if (!(target instanceof PickleDictionary) || !(attributes instanceof PickleDictionary)) {
      throw this.refuseUseOf(target, 'sets attributes of', 'BUILD');
    }
  }

  /** NEWOBJ: an object of a class without calling its constructor. */
  newObject(): void {
    this.pop();
    throw this.refuseUseOf(this.pop(), 'makes an object of', 'NEWOBJ');
  }

  persistent(): void {
    const id = this.pop();
    const object = this.vocabulary.load(id);
    if (object === null) throw this.refuse(`refers to an outside object by ${describeValue(id)} (BINPERSID)`);
    this.push(object);
  }

  refuse(what: string, subject: string | null = null): PickleRefusal {
    return new PickleRefusal(
      `${this.source} ${what}, which no state_dict needs; nothing of it was run.`,
      subject,
    );
  }

  /** Refuses to do something with a value, by its name. */
  refuseUseOf(value: PickleValue, doing: string, instruction: string): PickleRefusal {
    const name = describeValue(value);
    return this.refuse(`${doing} ${quote(name)} (${instruction})`, name);
  }
}

/** The instructions that build values, by their byte; the comments are the names in pickletools.py. */
const INSTRUCTIONS = new Map<string, (machine: PickleMachine) => void>([
  // PROTO, FRAME
  [
    '\x80',
    ({ reader }) => {
      const protocol = reader.uint8();
      if (protocol > HIGHEST_PROTOCOL) throw new PickleDamage(`has the unknown protocol ${protocol}`);
    },
  ],
  ['\x95', ({ reader }) => void reader.uint64()],
  // NONE, NEWTRUE, NEWFALSE
  ['N', (machine) => machine.push(null)],
  ['\x88', (machine) => machine.push(true)],
  ['\x89', (machine) => machine.push(false)],
  // INT, BININT, BININT1, BININT2, LONG, LONG1, LONG4
  ['I', (machine) => machine.push(parseInteger(machine.reader.line()))],
  ['J', (machine) => machine.push(machine.reader.int32())],
  ['K', (machine) => machine.push(machine.reader.uint8())],
  ['M', (machine) => machine.push(machine.reader.uint16())],
  ['L', (machine) => machine.push(parseInteger(machine.reader.line().replace(/L$/, '')))],
  ['\x8a', (machine) => machine.push(machine.reader.signedInteger(machine.reader.uint8()))],
  ['\x8b', (machine) => machine.push(machine.reader.signedInteger(machine.reader.uint32()))],
  // FLOAT, BINFLOAT
  ['F', (machine) => machine.push(parseFloat64(machine.reader.line()))],
  ['G', (machine) => machine.push(machine.reader.float64())],
  // STRING, UNICODE, BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, BINSTRING, SHORT_BINSTRING
  ['S', (machine) => machine.push(machine.reader.line().replace(/^(['"])(.*)\1$/, '$2'))],
  ['V', (machine) => machine.push(machine.reader.line())],
  ['X', (machine) => machine.push(machine.reader.text(machine.reader.uint32()))],
  ['\x8c', (machine) => machine.push(machine.reader.text(machine.reader.uint8()))],
  ['\x8d', (machine) => machine.push(machine.reader.text(machine.reader.uint64()))],
  ['T', (machine) => machine.push(machine.reader.text(machine.reader.uint32()))],
  ['U', (machine) => machine.push(machine.reader.text(machine.reader.uint8()))],
  // BINBYTES, SHORT_BINBYTES, BINBYTES8
  ['B', (machine) => machine.push(machine.reader.take(machine.reader.uint32()))],
  ['C', (machine) => machine.push(machine.reader.take(machine.reader.uint8()))],
  ['\x8e', (machine) => machine.push(machine.reader.take(machine.reader.uint64()))],
  // EMPTY_LIST, LIST, APPEND, APPENDS
  [']', (machine) => machine.push([])],
  ['l', (machine) => machine.push(machine.popToMark())],
  ['a', (machine) => machine.append([machine.pop()])],
  ['e', (machine) => machine.append(machine.popToMark())],
  // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  [')', (machine) => machine.push(new PickleTuple([]))],
  ['t', (machine) => machine.push(new PickleTuple(machine.popToMark()))],
  ['\x85', (machine) => machine.push(new PickleTuple(popSome(machine, 1)))],
  ['\x86', (machine) => machine.push(new PickleTuple(popSome(machine, 2)))],
  ['\x87', (machine) => machine.push(new PickleTuple(popSome(machine, 3)))],
  // EMPTY_DICT, DICT, SETITEM, SETITEMS
  ['}', (machine) => machine.push(new PickleDictionary())],
  [
    'd',
    (machine) => {
      const pairs = machine.popToMark();
      machine.push(new PickleDictionary());
      machine.setItems(pairs);
    },
  ],
  ['s', (machine) => machine.setItems(popSome(machine, 2))],
  ['u', (machine) => machine.setItems(machine.popToMark())],
  // MARK, POP, POP_MARK, DUP
  ['(', (machine) => machine.mark()],
  ['0', (machine) => void machine.pop()],
  ['1', (machine) => void machine.popToMark()],
  ['2', (machine) => machine.push(machine.top())],
  // PUT, BINPUT, LONG_BINPUT, MEMOIZE, GET, BINGET, LONG_BINGET
  ['p', (machine) => machine.remember(Number(machine.reader.line()))],
  ['q', (machine) => machine.remember(machine.reader.uint8())],
  ['r', (machine) => machine.remember(machine.reader.uint32())],
  ['\x94', (machine) => machine.rememberNext()],
  ['g', (machine) => machine.recall(Number(machine.reader.line()))],
  ['h', (machine) => machine.recall(machine.reader.uint8())],
  ['j', (machine) => machine.recall(machine.reader.uint32())],
  // GLOBAL, STACK_GLOBAL, and INST, which names its class as GLOBAL does and is refused even for known ones
  ['c', (machine) => machine.global(globalName(machine))],
  ['\x93', (machine) => machine.stackGlobal()],
  [
    'i',
    (machine) => {
      throw machine.refuseUseOf(new PickleGlobal(globalName(machine)), 'makes an object of', 'INST');
    },
  ],
  // REDUCE, BUILD, NEWOBJ, BINPERSID
  ['R', (machine) => machine.reduce()],
  ['b', (machine) => machine.build()],
  ['\x81', (machine) => machine.newObject()],
  ['Q', (machine) => machine.persistent()],
]);

/** Names of instructions that are refused whatever they act on. */
const FORBIDDEN = new Map([
  ['o', 'OBJ'],
  ['P', 'PERSID'],
  ['\x92', 'NEWOBJ_EX'],
  ['\x82', 'EXT1'],
  ['\x83', 'EXT2'],
  ['\x84', 'EXT4'],
  ['\x8f', 'EMPTY_SET'],
  ['\x90', 'ADDITEMS'],
  ['\x91', 'FROZENSET'],
  ['\x96', 'BYTEARRAY8'],
  ['\x97', 'NEXT_BUFFER'],
  ['\x98', 'READONLY_BUFFER'],
]);

function globalName({ reader }: PickleMachine): string {
  const module = reader.line();
  return `${module}.${reader.line()}`;
}

/** The newest values, oldest first. */
function popSome(machine: PickleMachine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}

/** INT and LONG in decimal; 00 and 01 are how protocol 1 writes false and true. */
function parseInteger(text: string): number | boolean {
  if (text === '00' || text === '01') return text === '01';
  if (!/^-?\d{1,15}$/.test(text)) throw new PickleDamage('holds a number that is none');
  return Number(text);
}

function parseFloat64(text: string): number {
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) throw new PickleDamage('holds a number that is none');
  return value;
}

function keyOf(value: PickleValue): PickleKey {
  if (value === null || typeof value !== 'object') return value;
  throw new PickleDamage(`uses ${describeValue(value)} as a key`);
}
