import type { ClosingLine } from '../serial/story-receiver.js';

/**
 * Prints a story as it is told, and on stderr the line that ends it.
 * @param tell has the story told; hands over its text as it arrives
 */
export async function tellAloud(
  tell: (onText: (text: string) => void) => Promise<ClosingLine>,
): Promise<void> {
  let isLineOpen = false;
  const show = (text: string) => {
    process.stdout.write(text);
    isLineOpen = !text.endsWith('\n');
  };
  try {
    const told = await tell(show);
    if (isLineOpen) show('\n');
    process.stderr.write(`[${describe(told)}]\n`);
  } finally {
    if (isLineOpen) process.stdout.write('\n');
  }
}

/** The line that ends a story, as the firmware says it. */
function describe({ tokens, seconds, tokensPerSecond }: ClosingLine): string {
  const time = seconds === null ? '' : ` in ${seconds.toFixed(1)} s: ${tokensPerSecond?.toFixed(1)} tokens/s`;
  return `${tokens} tokens${time}`;
}
