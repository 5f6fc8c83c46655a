/**
 * Prints a command's result: one JSON document with --json, else lines for people (empty ones are left out).
 */
export function printResult(json: boolean | undefined, result: unknown, lines: () => string[]): void {
  const text = json === true ? [JSON.stringify(result, null, 2)] : lines().filter((line) => line !== '');
  process.stdout.write(`${text.join('\n')}\n`);
}
