import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder with these files, for one test; a name may have folders in it. */
export async function folderWith(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashlm-flash-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return folder;
}

/** As much of build-report.json as flashing reads. */
export function report(board: string, more: object = {}): string {
  const match = { status: 'match' };
  return JSON.stringify({
    ...{ board, model: 'small', framework: 'arduino', howToCompile: null },
    ...{ parity: match, chipParity: null, hostParity: match },
    ...more,
  });
}
