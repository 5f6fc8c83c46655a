import { generateTrace } from '../../src/integer/generate.js';
import type { IntegerModel } from '../../src/integer/model.js';

/** How a traced story is asked for. */
export interface StoryRequest {
  prompt: Uint8Array;
  seed: number;
  temperatureThousandths: number;
  topK: number;
  tokens: number;
}

/** Greedy longest match by trying every piece. */
export function encodeByTrying(pieces: Uint8Array[], text: Uint8Array): number[] {
  const tokens: number[] = [];
  for (let position = 0; position < text.length; ) {
    let best = 0;
    for (const [token, piece] of pieces.entries()) {
      const fits = piece.every((byte, i) => text[position + i] === byte);
      if (fits && piece.length > pieces[best].length) {
        best = token;
      }
    }
    tokens.push(best);
    position += pieces[best].length;
  }
  return tokens;
}

/** What docs/console.md says that the firmware prints, computed by the TypeScript reference. */
export function expectedTrace(model: IntegerModel, request: StoryRequest): string[] {
  const trace = generateTrace(model, { ...request, prompt: encodeByTrying(model.pieces, request.prompt) });
  const steps = trace.steps.map(
    ({ token, checksum }, step) => `{"step":${step},"token":${token},"checksum":"${hexadecimal(checksum)}"}`,
  );
  const run = `{"steps":${steps.length},"sampled":${trace.sampled.length},"checksum":"${hexadecimal(trace.checksum)}"}`;
  return [...steps, run];
}

/** The lines that ask the console for a traced story. */
export function consoleLines(request: StoryRequest): Buffer {
  const settings = [
    '/trace 1',
    `/temp ${request.temperatureThousandths / 1000}`,
    `/topk ${request.topK}`,
    `/seed ${request.seed}`,
    `/tokens ${request.tokens}`,
  ];
  return Buffer.concat([Buffer.from(`${settings.join('\n')}\n`), request.prompt, Buffer.from('\n')]);
}

export function hexadecimal(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
