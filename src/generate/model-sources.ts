import type { ImageSection } from '../image/format.js';
import { bitLength } from '../integer/arithmetic.js';
import type { IntegerModel } from '../integer/model.js';
import { clusterOrder } from '../model/cluster-order.js';
import { cString, cWords } from './c-literals.js';
import { type Kernel, renderKernel } from './kernels.js';
import { type ModelDescription, sectionOffsets } from './model-description.js';
import type { ProjectFile } from './project-file.js';
import { render } from './render.js';

/** The generated C sources of a model: constants, block table, image and kernel. */
export async function modelSources(model: ModelDescription, kernel: Kernel): Promise<ProjectFile[]> {
  return [
    { path: 'src/model/flashlm_model.h', content: await renderConstants(model, kernel) },
    { path: 'src/model/flashlm_model.c', content: await renderBlocks(model) },
    { path: 'src/model/flashlm_image.c', content: await renderImage(model) },
    { path: 'src/model/flashlm_kernel.c', content: await renderKernel(kernel, model) },
  ];
}

function renderConstants(description: ModelDescription, kernel: Kernel): Promise<string> {
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
    offsets: sectionOffsets(description, -1),
    kernel,
  });
}

function renderBlocks(description: ModelDescription): Promise<string> {
  return render('model/flashlm_model.c', {
    banner: description.banner,
    hasMemory: description.config.memory !== undefined,
    blockRows: description.model.blocks.map((block, index) => ({
      ...block,
      offsets: sectionOffsets(description, index),
    })),
  });
}

/** Tokens of the largest cluster; 0 for a plain softmax. */
function largestCluster({ config, clusters }: IntegerModel): number {
  if (clusters === null || config.clusters === undefined) return 0;
  const { start } = clusterOrder(clusters.clusterOfToken, config.clusters);
  return Math.max(...start.subarray(1).map((end, cluster) => end - start[cluster]));
}

/** The image in parts, each from where a section begins to where the next one does. */
function renderImage({ banner, image, sections }: ModelDescription): Promise<string> {
  const starts = [0, ...sections.map((section) => section.offset), image.length];
  const titles = ['header and section table', ...sections.map(titleOf)];
  return render('model/flashlm_image.c', {
    banner,
    parts: titles.map((title, i) => ({
      title,
      offset: starts[i],
      words: cWords(image.subarray(starts[i], starts[i + 1])),
    })),
  });
}

function titleOf({ name, block, rows, columns }: ImageSection): string {
  const place = block === -1 ? '' : ` of block ${block}`;
  return `${name}${place} [${rows} x ${columns}]`;
}
