const LONGEST = 100;

/**
 * A name out of a file, in quotes, for messages: a hostile one must not fill the terminal or send it control
 * characters.
 */
export function quote(name: string): string {
  const shortened = name.length > LONGEST ? `${name.slice(0, LONGEST)}...` : name;
  return `"${shortened.replace(/[^\x20-\x7e]/g, '?')}"`;
}

/** A word of a command line as a shell takes it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
