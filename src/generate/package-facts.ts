import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../files/package-root.js';

const packageSchema = z.object({ version: z.string() });

/** Where the model's architecture comes from; the page that a library's "More info" opens. */
export const PROJECT_URL = 'https://github.com/changcheng967/FlashLM';

/** Version of flashlm-mcu, which the libraries that it makes have too. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(path.join(PACKAGE_ROOT, 'package.json'), 'utf8');
  return packageSchema.parse(JSON.parse(text)).version;
}

/** The text of the licence that the copied sources are under. */
export function licenceText(): Promise<string> {
  return readFile(path.join(PACKAGE_ROOT, 'LICENSE'), 'utf8');
}
