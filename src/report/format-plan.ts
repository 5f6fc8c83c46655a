import type { Board } from '../boards/board.js';
import { formatProposals } from './fit.js';
import { formatBytes, joinParagraphs } from './format.js';
import { formatMemories } from './format-memory.js';
import { describeShortage } from './model-choice.js';
import type { Plan } from './plan.js';
import { formatTokens } from './speed.js';
import { formatStagingGain } from './speed-plan.js';

/** A plan for people: memory as bars, where each layer is read, and what limits the speed, with its arithmetic. */
export function formatPlan(plan: Plan, board: Board): string {
  return joinParagraphs([
    [`${plan.model} on ${board.name} (${board.chip.core}), ${plan.framework}: ${formatFit(plan)}`],
    formatMemories(plan),
    [formatStaged(plan), ...plan.layers.map((layer) => `      ${formatLayer(layer, plan.unstagedIn)}`)],
    plan.fits ? formatSpeed(plan) : [],
  ]);
}

/** In one line. */
export function formatPlanInShort({ model, framework, flash, ram, estimate }: Plan, board: Board): string {
  const speed =
    estimate.tokensPerSecond === null
      ? ''
      : `; at most ${formatTokens(estimate.tokensPerSecond)}, by ${estimate.limit}`;
  return (
    `planned: ${model} on ${board.name}, ${framework}: flash ${formatBytes(flash.used)} of ${formatBytes(flash.available)}, ` +
    `RAM ${formatBytes(ram.used)} of ${formatBytes(ram.available)}${speed}`
  );
}

function formatFit({ fits, flash, ram, missing, proposals }: Plan): string {
  if (!fits) {
    return `does not fit, ${describeShortage(missing)}. ${formatProposals(proposals)}`;
  }
  return `fits, ${formatBytes(flash.available - flash.used)} of flash and ${formatBytes(ram.available - ram.used)} of RAM are left`;
}

function formatStaged({ staged, unstagedIn }: Plan): string {
  const source = unstagedIn === 'flash' ? 'flash' : 'external RAM, where the whole image is copied';
  return staged.bytes === 0
    ? `weights are read in ${source}:`
    : `weights that are copied into RAM: ${staged.description}, ${formatBytes(staged.bytes)}; all others are read in ${source}:`;
}

function formatLayer({ name, bytes, bytesInRam }: Plan['layers'][number], unstagedIn: string): string {
  const places = [
    ...(bytesInRam > 0 ? [`${formatBytes(bytesInRam)} in RAM`] : []),
    ...(bytesInRam < bytes ? [`${formatBytes(bytes - bytesInRam)} in ${unstagedIn}`] : []),
  ];
  return `${name}: ${places.join(', ')}`;
}

function formatSpeed({
  estimate,
  estimateWithoutStaging,
  staged,
  unstagedIn,
  kernel,
  cores,
}: Plan): string[] {
  const { bytesPerToken, tokensPerSecond, instructionsPerToken, limit } = estimate;
  const where =
    staged.bytes === 0
      ? ''
      : `, ${formatBytes(staged.bytes)} of them in RAM and ${formatBytes(bytesPerToken - staged.bytes)} in ${unstagedIn}`;
  return [
    `a token reads ${formatBytes(bytesPerToken)} of weights${where} (kernel ${kernel}${cores === 2 ? ', two cores' : ''})`,
    estimate.arithmetic,
    formatCounting(instructionsPerToken !== null, cores === estimate.cores),
    formatStagingGain(estimate, estimateWithoutStaging),
    tokensPerSecond === null
      ? ''
      : `at most ${formatTokens(tokensPerSecond)}, by ${limit}; an estimate from the board's file`,
  ];
}

/** What is to be known about the instructions of a token; empty where all cores were counted together. */
function formatCounting(isCounted: boolean, isOfAllCores: boolean): string {
  if (!isCounted) return 'instructions: not counted yet; --measure counts them, and so does build';
  return isOfAllCores ? '' : 'instructions were counted on one core; two share them';
}
