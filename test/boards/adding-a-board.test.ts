import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { boardSchema, FRAMEWORKS } from '../../src/boards/board.js';
import { TOOLCHAINS } from '../../src/compile/toolchains.js';
import { CHIP_EMULATORS } from '../../src/emulate/chip-emulators.js';
import { EMULATORS } from '../../src/emulate/emulators.js';

const page = await readFile(new URL('../../docs/adding-a-board.md', import.meta.url), 'utf8');
const fields = fieldsOf(z.toJSONSchema(boardSchema) as Schema, []);
const [fieldRows, methodRows] = page.split('The methods of `flash`').map(rowsOf);

/** Of a table, by rows: what is in code in the first cell, and in the row. */
function rowsOf(text: string): { names: string[]; words: string[] }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `') && !line.startsWith('| `method`'))
    .map((line) => ({ names: codeIn(line.split(' | ')[0]), words: codeIn(line) }));
}

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}

/** The part of JSON Schema that a board's schema is made of. */
interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  const?: string;
}

/** Dotted names of every field; those of a method of flashing begin with its name instead. */
function fieldsOf({ properties = {}, items, anyOf = [], oneOf = [] }: Schema, parent: string[]): string[] {
  const method = properties.method?.const;
  const place = method === undefined ? parent : [method];
  const own = Object.entries(properties)
    .filter(([name]) => name !== 'method')
    .flatMap(([name, schema]) => [[...place, name].join('.'), ...fieldsOf(schema, [...place, name])]);
  const inner = [...(items === undefined ? [] : [items]), ...anyOf, ...oneOf];
  return [...own, ...inner.flatMap((schema) => fieldsOf(schema, parent))];
}

/** Whether a row has the field's name, or that of a field around it and the rest of the name. */
function isNamed(field: string): boolean {
  const parts = field.split('.');
  return [...fieldRows, ...methodRows].some(({ names, words }) =>
    parts.some(
      (_, index) =>
        names.includes(parts.slice(0, index + 1).join('.')) &&
        parts.slice(index + 1).every((part) => words.includes(part)),
    ),
  );
}

/** Whether a field only holds others, which are named each for itself. */
function isContainer(field: string): boolean {
  return fields.some((other) => other.startsWith(`${field}.`));
}

/** What is in code in the row of a field. */
function wordsOf(field: string): string[] {
  return fieldRows.find(({ names }) => names.includes(field))?.words ?? [];
}

describe('docs/adding-a-board.md', () => {
  it('names every field of a board', () => {
    // those that only a walk through everything finds
    expect(fields).toEqual(
      expect.arrayContaining(['memory.paged.region.offset', 'espIdf.partitions.subType', 'dfu-util.stLink']),
    );
    expect(fields.filter((field) => !isNamed(field) && !isContainer(field))).toEqual([]);
  });

  it('names no field twice, and none that there is not', () => {
    const named = fieldRows.flatMap(({ names }) => names);
    expect(new Set(named).size).toBe(named.length);
    expect(named.filter((name) => !fields.includes(name))).toEqual([]);
  });

  it.each([
    ['toolchain', TOOLCHAINS.map(({ id }) => id)],
    ['emulator', EMULATORS.map(({ id }) => id)],
    ['chipEmulator', CHIP_EMULATORS.map(({ id }) => id)],
    ['frameworks', FRAMEWORKS],
  ])('names everything that the field %s can be', (field, values) => {
    expect(wordsOf(field)).toEqual(expect.arrayContaining([...values]));
  });
});
