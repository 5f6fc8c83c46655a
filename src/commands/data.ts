import type { Command } from 'commander';
import { addPrepareCommand } from './data-prepare.js';
import { addTinyStoriesCommand } from './data-tinystories.js';

/** `data`: text to train on. */
export function addDataCommand(program: Command): void {
  const data = program
    .command('data')
    .description('get stories, and make token shards of any amount of text');
  addTinyStoriesCommand(data);
  addPrepareCommand(data);
}
