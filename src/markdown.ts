/** One line of text as Markdown shows it unchanged: a model, or a file, may say anything. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[\\`*_[\]<>|~&]/g, '\\$&')
    .replace(/^(\s*)([#+-]|\d+[.)](?=\s))/, '$1\\$2');
}

/**
 * A table with its first column to the left and its figures to the right.
 *
 * @param rows cells in Markdown, without line ends; the first row holds the titles
 */
export function markdownTable([titles, ...rows]: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = titles.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(titles), line(rule), ...rows.map(line)].join('\n');
}
