import { formatCount } from '../report/format.js';
import type { BpcResult } from './bpc.js';
import type { NotedStory, StorySpread } from './spread.js';

/**
 * An evaluation as lines for people.
 *
 * @param model name of the evaluated model
 */
export function formatEvaluation(model: string, result: BpcResult): string[] {
  const { bpc, bpcFloat, spread } = result;
  return [
    `${model}: ${bpc.toFixed(4)} bits per character (integer, as on the chip)${formatInterval(spread)}`,
    bpcFloat === null
      ? 'There is no float checkpoint beside this image.'
      : `${' '.repeat(model.length)}  ${bpcFloat.toFixed(4)} in float`,
    `${formatCount(result.stories)} stories, ${formatCount(result.characters)} characters, ` +
      `${formatCount(result.tokens)} tokens, ${result.unknownTokens} unknown`,
    `${result.tokensPerCharacter.toFixed(4)} tokens per character ` +
      `(${result.charactersPerToken.toFixed(2)} characters per token)`,
    ...(result.stories === 1 ? [] : formatSpread(spread)),
  ];
}

function formatInterval({ interval }: StorySpread): string {
  return interval === null
    ? ''
    : `, ${Math.round(interval.confidence * 100)}% interval over stories ` +
        `${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}`;
}

function formatSpread({ mean, standardDeviation, percentiles, best, worst }: StorySpread): string[] {
  const { p5, p25, p50, p75, p95 } = percentiles;
  const quantiles = Object.entries({ '5%': p5, '25%': p25, median: p50, '75%': p75, '95%': p95 });
  return [
    'bits per character of single stories, integer:',
    `  mean ${mean.toFixed(3)}, standard deviation ${standardDeviation?.toFixed(3) ?? '-'}`,
    `  ${quantiles.map(([name, value]) => `${name} ${value.toFixed(3)}`).join(', ')}`,
    `  best   ${formatNoted(best)}`,
    `  worst  ${formatNoted(worst)}`,
  ];
}

function formatNoted({ bpc, index, opening }: NotedStory): string {
  return `${bpc.toFixed(3)}  perStory[${index}]  ${opening}`;
}
