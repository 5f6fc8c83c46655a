import type { Board } from '../boards/board.js';
import { requireEmulator } from '../emulate/emulator-firmware.js';
import { findEmulator } from '../emulate/emulators.js';
import { FlashlmError } from '../errors.js';
import { parseHeader } from '../image/header.js';
import { imageFingerprint } from '../image/read.js';
import { findModel, IMAGE_FILE, readModelImage } from '../model/find.js';
import { hexadecimal } from '../parity/parity.js';
import { evaluateImage } from './evaluate-image.js';
import type { EvaluationStories } from './evaluation-stories.js';
import type { BoardRun, CountedBoard, MeasuredModel } from './figures.js';
import { runImage } from './run-image.js';

export interface MeasureRequest {
  /** Names of shipped models, folders or images. */
  models: string[];
  stories: EvaluationStories;
  /** Boards whose emulators count instructions. */
  boards: Board[];
  /** Worker threads of the evaluation; by default one for each core, at most 4. */
  workers?: number;
  /** @param share 0..1 of all models */
  onProgress?: (share: number, doing: string) => void;
}

interface NamedImage {
  name: string;
  image: Uint8Array;
}

/** Share of the time that the firmware takes; the evaluation takes the rest. */
const RUN_SHARE = 0.2;

/**
 * Measures models one after another. All run on the emulators before any is evaluated, so that a missing tool shows
 * before minutes are spent.
 *
 * @throws FlashlmError unknown-model, bad-argument for two models of one name, bad-image, missing-tool, compile-failed,
 *   parity-broken, bad-stories and others
 */
export async function measureModels(request: MeasureRequest): Promise<MeasuredModel[]> {
  const { stories, boards, workers, onProgress = () => undefined } = request;
  const images = await readImages(request.models);
  for (const board of boards) await requireEmulator(findEmulator(board.emulator));

  const runs: BoardRun[][] = [];
  for (const [index, { name, image }] of images.entries()) {
    const ofModel: BoardRun[] = [];
    for (const [place, board] of boards.entries()) {
      const done = index + place / boards.length;
      const report = (share: number) =>
        onProgress((RUN_SHARE * (done + share / boards.length)) / images.length, `${name} on ${board.name}`);
      report(0);
      ofModel.push(await runImage(image, board, report));
    }
    runs.push(ofModel);
  }

  const measured: MeasuredModel[] = [];
  for (const [index, { name, image }] of images.entries()) {
    const report = (share: number) =>
      onProgress(RUN_SHARE + ((1 - RUN_SHARE) * (index + share)) / images.length, `${name}: stories`);
    report(0);
    const evaluation = await evaluateImage(image, stories, {
      ...(workers === undefined ? {} : { workers }),
      onProgress: report,
    });
    measured.push({
      name,
      fingerprint: hexadecimal(imageFingerprint(image)),
      parameters: parseHeader(image).parameters,
      bytesInFlash: image.length,
      ...evaluation,
      runs: runs[index],
    });
  }
  return measured;
}

/** What a page of results says of a board. */
export function describeBoard({ id, name, chip, emulator }: Board): CountedBoard {
  return { id, name, core: chip.core, target: findEmulator(emulator).description };
}

async function readImages(models: string[]): Promise<NamedImage[]> {
  const images: NamedImage[] = [];
  for (const model of models) {
    const name = displayName(model);
    if (images.some((other) => other.name === name)) {
      throw new FlashlmError(
        'bad-argument',
        `Two of the models would be called "${name}", and no reader could tell them apart.`,
        'Name each model once, and give folders or images different names.',
      );
    }
    images.push({ name, image: await readModelImage(await findModel(model)) });
  }
  return images;
}

/** "checkpoints/mine" and "checkpoints/mine/model.flm" are "mine", as a person would call them. */
function displayName(model: string): string {
  const parts = model.split(/[\\/]/).filter((part) => part !== '' && part !== IMAGE_FILE);
  return (parts.at(-1) ?? model).replace(/\.flm$/, '');
}
