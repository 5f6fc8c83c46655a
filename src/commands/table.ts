/**
 * Lines of a table for the terminal: columns as wide as their widest cell, two spaces apart, the last one ragged.
 *
 * @param rows cells without line ends; the first row holds the titles
 */
export function formatTable(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}
