import path from 'node:path';
import type { Command } from 'commander';
import prettyBytes from 'pretty-bytes';
import { importModel } from '../import/import-model.js';
import { printResult } from './output.js';

const EXAMPLES = `
Examples:
  flashlm-mcu import flashlm_v4_final.pt --tokenizer tokenizer.json
  flashlm-mcu import model.safetensors --tokenizer tokenizer.json --out checkpoints/bolt
  flashlm-mcu import model.pt            weights alone: for flashlm-mcu logits
Nothing of a file is ever run; docs/import.md says what is read.
`;

interface ImportOptions {
  tokenizer?: string;
  out?: string;
  json?: boolean;
}

/** `import`: a FlashLM v4 that was trained with PyTorch becomes a checkpoint folder. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description("make a checkpoint and model.flm of FlashLM's own model.pt or model.safetensors")
    .argument('<file>', 'a state_dict as torch.save or safetensors writes it')
    .option('--tokenizer <file>', 'the tokenizer.json that belongs to the model')
    .option('--out <folder>', 'where the checkpoint goes (default: checkpoints/ and the name of the file)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(runImport);
}

async function runImport(file: string, options: ImportOptions): Promise<void> {
  const directory = options.out ?? path.join('checkpoints', path.parse(file).name);
  const { model, parameters, tokenizer, missingBytes, imageBytes } = await importModel({
    file,
    tokenizer: options.tokenizer ?? null,
    directory,
  });
  const { vocabulary, dimension, blocks, hidden, kernel } = model.config;
  const result = {
    checkpoint: directory,
    parameters,
    config: model.config,
    tokenizer: options.tokenizer ?? null,
    /** Tokens on the chip, which needs all 256 bytes; null without a tokenizer. */
    chipVocabulary: tokenizer?.tokenizer.vocabularySize ?? null,
    missingBytes,
    image: imageBytes === null ? null : path.join(directory, 'model.flm'),
    imageBytes,
  };
  printResult(options.json, result, () => [
    `${directory}: ${parameters} parameters: ${vocabulary} tokens, dimension ${dimension}, ${blocks} blocks, ` +
      `hidden ${hidden}, kernel ${kernel}`,
    imageBytes === null
      ? 'No model.flm: a board needs the text of every token. Give --tokenizer to make one.'
      : `model.flm: ${prettyBytes(imageBytes, { binary: true })}, ${result.chipVocabulary} tokens on the chip` +
        (missingBytes === 0 ? '' : `; ${missingBytes} bytes that the model has no token for are among them`),
    imageBytes === null ? '' : `Next: flashlm-mcu emulate --model ${directory} --prompt "Once upon a time"`,
  ]);
}
