import { formatCount } from '../report/format.js';
import type { Performance } from './performance.js';

/**
 * What a token of a model executes, as rows of a table: parts of the likeliest one down, then the whole in both stories;
 * cores across, and "-" for one that does not hold the model.
 */
export function tokenRows({ cores, tokens }: Performance, model: string): string[][] {
  const tellings = (story: string) =>
    cores.map(({ toolchain }) =>
      tokens.find((token) => token.model === model && token.toolchain === toolchain && token.story === story),
    );
  const greedy = tellings('greedy');
  const names = new Set(greedy.flatMap((token) => token?.parts.map(({ name }) => name) ?? []));
  const cell = (instructions: number | undefined) =>
    instructions === undefined ? '-' : formatCount(instructions);
  return [
    [model, ...cores.map(({ toolchain }) => toolchain)],
    ...[...names].map((part) => [
      part,
      ...greedy.map((token) =>
        cell(token && (token.parts.find(({ name }) => name === part)?.instructions ?? 0)),
      ),
    ]),
    ...(['greedy', 'sampled'] as const).map((story) => [
      `all, ${story}`,
      ...tellings(story).map((token) => cell(token?.instructions)),
    ]),
  ];
}
