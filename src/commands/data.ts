import type { Command } from 'commander';
import { addPrepareCommand } from './data-prepare.js';
import { addTinyStoriesCommand } from './data-tinystories.js';

const EXAMPLES = `
Examples:
  flashlm-mcu data tinystories --out tinystories
  flashlm-mcu data prepare --data stories.txt --vocabulary 4096 --out prepared
`;

/** `data`: text to train on. */
export function addDataCommand(program: Command): void {
  const data = program
    .command('data')
    .description('get stories, and make token shards of any amount of text')
    .addHelpText('after', EXAMPLES);
  addTinyStoriesCommand(data);
  addPrepareCommand(data);
}
