import type { Command } from 'commander';
import type { StorySettings } from '../emulate/trace.js';
import { integerBetween, numberBetween } from './options.js';

/** Options of every command that has a story told. */
export interface StoryOptions {
  tokens: number;
  seed: number;
  temperature: number;
  topK: number;
}

/** Adds --tokens, --seed, --temperature and --top-k, with the console's limits and defaults (docs/console.md). */
export function addStoryOptions(command: Command): Command {
  return command
    .option('--tokens <n>', 'most tokens to tell', integerBetween(1, 65535), 256)
    .option('--seed <n>', 'seed of the story', integerBetween(0, 2 ** 32 - 1), 1)
    .option('--temperature <x>', '0 (always the likeliest token) or 0.1 to 10', temperature, 0.8)
    .option('--top-k <n>', 'choose among so many likeliest tokens', integerBetween(1, 64), 40);
}

/** The settings of a story as the console takes them. */
export function storySettings(prompt: string, options: StoryOptions): StorySettings {
  return {
    prompt,
    tokens: options.tokens,
    seed: options.seed,
    temperatureThousandths: Math.round(options.temperature * 1000),
    topK: options.topK,
  };
}

function temperature(text: string): number {
  const value = numberBetween(0, 10)(text);
  return value === 0 ? 0 : numberBetween(0.1, 10)(text);
}
