import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Handlebars from 'handlebars';
import { PACKAGE_ROOT } from '../files/package-root.js';
import type { FixedPointScale } from '../integer/model.js';

const handlebars = Handlebars.create();

handlebars.registerHelper('length', (list: unknown[]) => list.length);
handlebars.registerHelper('hexadecimal', (number: number) => `0x${number.toString(16)}`);
handlebars.registerHelper('times4', (number: number) => 4 * number);
handlebars.registerHelper(
  'scale',
  ({ leftShift, multiplier, rightShift }: FixedPointScale) => `{${leftShift}, ${multiplier}, ${rightShift}}`,
);

/**
 * Fills in a template. Every name in it has to be known, and nothing is escaped: the templates are source code.
 *
 * @param template below templates/, without `.hbs`
 */
export async function render(template: string, context: object): Promise<string> {
  const file = path.join(PACKAGE_ROOT, 'templates', `${template}.hbs`);
  const source = await readFile(file, 'utf8');
  return handlebars.compile(source, { strict: true, noEscape: true })(context);
}
