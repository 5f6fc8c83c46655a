import type { CoreCount } from '../boards/cores.js';
import type { ImageSection } from '../image/format.js';
import { bitLength } from '../integer/arithmetic.js';
import type { IntegerModel } from '../integer/model.js';
import { columnsOf, screenSquareShift } from '../integer/screen.js';
import { clusterOrder } from '../model/cluster-order.js';
import { assemblyWords, cString, cWords } from './c-literals.js';
import { type Kernel, matrixSizes, renderKernel } from './kernels.js';
import { type ModelDescription, sectionOffsets } from './model-description.js';
import type { ProjectFile } from './project-file.js';
import { render } from './render.js';

/** Where what is large lies, and how it is read. */
export interface ModelPlaces {
  /** Section of the linker script for the image; left out, the compiler's own for constants. */
  imageSection?: string | undefined;
  /** Section for copies of weights; left out, the compiler's own for variables. */
  stagingSection?: string | undefined;
  /** Of the image, bytes that are read at a time; left out, it is mapped into memory. */
  pageBytes?: number | undefined;
  /** Where in flash the image lies, in bytes from its start, if it is not linked into the program. */
  imageOffset?: number | undefined;
  /** Whether the image is too large to be an array of C. */
  inAssembly?: boolean | undefined;
}

/**
 * The generated C sources of a model: constants, block table, image and kernel.
 *
 * @param cores that share each product
 */
export async function modelSources(
  model: ModelDescription,
  kernel: Kernel,
  places: ModelPlaces = {},
  cores: CoreCount = 1,
): Promise<ProjectFile[]> {
  return [
    {
      path: 'src/model/flashlm_model.h',
      content: await renderConstants(model, kernel, cores, places),
    },
    { path: 'src/model/flashlm_model.c', content: await renderBlocks(model, places) },
    ...(await imageFiles(model, places)),
    {
      path: 'src/model/flashlm_kernel.c',
      content: await renderKernel(kernel, matrixSizes(model.config), model.banner, {
        cores,
        paged: places.pageBytes !== undefined,
      }),
    },
  ];
}

function renderConstants(
  description: ModelDescription,
  kernel: Kernel,
  cores: CoreCount,
  places: ModelPlaces,
): Promise<string> {
  const { model, config } = description;
  return render('model/flashlm_model.h', {
    banner: description.banner,
    nameLiteral: cString(description.name),
    parameters: description.parameters,
    fingerprint: description.fingerprint,
    imageBytes: description.image.length,
    sectionCount: description.sections.length,
    vocabulary: config.vocabulary,
    dimension: config.dimension,
    blocks: config.blocks,
    hidden: config.hidden,
    taps: config.kernel,
    memoryHeads: config.memory?.heads ?? 0,
    memorySlots: config.memory?.slots ?? 0,
    memoryShift: bitLength((config.memory?.slots ?? 1) - 1),
    clusters: config.clusters ?? 0,
    largestCluster: largestCluster(model),
    squareShift: model.squareShift,
    epsilon: model.epsilon,
    embeddingShift: model.embeddingShift,
    headLeftShift: model.headLeftShift,
    headRightShift: model.headRightShift,
    clusterHeadLeftShift: model.clusters?.headLeftShift,
    clusterHeadRightShift: model.clusters?.headRightShift,
    screen: screenConstants(description, places),
    offsets: sectionOffsets(description, -1),
    staging: description.staging,
    stagingSection: places.stagingSection,
    pageBytes: places.pageBytes ?? 0,
    imageOffset: places.imageOffset ?? null,
    isArrayOfC: places.imageOffset === undefined && places.inAssembly !== true,
    kernel: { id: kernel.id, ramBytes: kernel.ramBytes * cores },
    cores,
  });
}

function renderBlocks(description: ModelDescription, places: ModelPlaces): Promise<string> {
  return render('model/flashlm_model.c', {
    banner: description.banner,
    hasMemory: description.config.memory !== undefined,
    screen: screenConstants(description, places),
    blockRows: description.model.blocks.map((block, index) => ({
      ...block,
      offsets: sectionOffsets(description, index),
    })),
  });
}

/**
 * What the C knows about the head's screen; no stages where the model has none. A screen reads here and there, and reads
 * again; where that takes long, the head reads all rows in order, with the same result.
 */
function screenConstants({ model, sections }: ModelDescription, { pageBytes }: ModelPlaces) {
  const { screen } = model;
  if (screen === null || pageBytes !== undefined) return { stages: [] };
  const offsets = sections.filter(({ name }) => name === 'screen_stage').map(({ offset }) => offset);
  return {
    stages: screen.stages.map(({ records, columns }, i) => ({ records, columns, offset: offsets[i] })),
    columns: columnsOf(screen),
    firstColumns: screen.stages[0].columns,
    fractionBits: screen.fractionBits,
    reachShift: screen.reachShift,
    squareShift: screenSquareShift(model.config.dimension),
  };
}

/** Tokens of the largest cluster; 0 for a plain softmax. */
function largestCluster({ config, clusters }: IntegerModel): number {
  if (clusters === null || config.clusters === undefined) return 0;
  const { start } = clusterOrder(clusters.clusterOfToken, config.clusters);
  return Math.max(...start.subarray(1).map((end, cluster) => end - start[cluster]));
}

/** The image as a source, in parts, each from where a section begins to where the next one does; none where it lies elsewhere. */
async function imageFiles(
  { banner, image, sections }: ModelDescription,
  { imageSection, inAssembly, imageOffset }: ModelPlaces,
): Promise<ProjectFile[]> {
  if (imageOffset !== undefined) return [];
  const starts = [0, ...sections.map((section) => section.offset), image.length];
  const titles = ['header and section table', ...sections.map(titleOf)];
  const wordsOf = inAssembly === true ? assemblyWords : cWords;
  const context = {
    banner,
    imageSection,
    parts: titles.map((title, i) => ({
      title,
      offset: starts[i],
      words: wordsOf(image.subarray(starts[i], starts[i + 1])),
    })),
  };
  const name = `flashlm_image.${inAssembly === true ? 'S' : 'c'}`;
  return [{ path: `src/model/${name}`, content: await render(`model/${name}`, context) }];
}

function titleOf({ name, block, rows, columns }: ImageSection): string {
  const place = block === -1 ? '' : ` of block ${block}`;
  return `${name}${place} [${rows} x ${columns}]`;
}
