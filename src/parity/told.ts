import type { FirmwareConsole } from '../emulate/firmware-console.js';
import { encodeLine, type StorySettings } from '../emulate/trace.js';
import type { Trace } from '../integer/generate.js';
import type { IntegerModel } from '../integer/model.js';

/** Of what the firmware said where it parts from the reference. */
const QUOTED_CHARACTERS = 24;

/**
 * Has a story told as a person hears it, which is another way through the output head than a trace's: rows that could
 * not change a choice are left out. Compares its text and its number of tokens with the reference's.
 *
 * @param console set up for the story
 * @param expected the story as the reference tells it
 * @returns where they part; null where they do not
 * @throws FlashlmError emulator-failed
 */
export async function compareTold(
  model: IntegerModel,
  console: FirmwareConsole,
  story: StorySettings,
  expected: Trace,
): Promise<string | null> {
  await console.set('/trace 0');
  const { text, tokens } = await console.tell(encodeLine(story.prompt));
  const told = text.slice(story.prompt.length);
  const place = `story "${story.prompt}" (seed ${story.seed}), told without a trace`;
  if (!text.startsWith(story.prompt)) {
    return `${place}: it begins with ${quote(text)} instead of its prompt`;
  }
  const { sampled } = expected;
  const different = sampled.findIndex(
    (_, index) => !told.startsWith(wholeCharacters(model, sampled, index + 1)),
  );
  if (different >= 0) {
    const agreed = wholeCharacters(model, sampled, different).length;
    const wanted = decode(model, sampled.slice(different, different + 1));
    return (
      `${place}, sampled token ${different} of ${sampled.length}: ${quote(told.slice(agreed))} instead of ` +
      `${quote(wanted)}, token ${sampled[different]}, though a trace of it agrees`
    );
  }
  if (tokens === sampled.length && told === decode(model, sampled)) return null;
  return `${place}: ${tokens} tokens instead of ${sampled.length}, though a trace of it agrees`;
}

/** Text of the first so many tokens, without a character that ends in a later one. */
function wholeCharacters(model: IntegerModel, tokens: number[], count: number): string {
  return decode(model, tokens.slice(0, count)).replace(/\uFFFD+$/, '');
}

function decode({ pieces }: IntegerModel, tokens: number[]): string {
  return Buffer.concat(tokens.map((token) => pieces[token])).toString('utf8');
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, QUOTED_CHARACTERS));
}
