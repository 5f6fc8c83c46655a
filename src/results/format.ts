/** Bits per character for people; with a range, with no more digits than are known. */
export function formatBpc(bpc: number, range?: { low: number; high: number }): string {
  return range === undefined ? bpc.toFixed(3) : `${bpc} (${range.low} to ${range.high})`;
}

/** "7.10 million" */
export function formatMillions(instructions: number): string {
  return `${(instructions / 1e6).toPrecision(3)} million`;
}

/** "1 story", "500 stories" */
export function formatStories(stories: number): string {
  return `${stories} ${stories === 1 ? 'story' : 'stories'}`;
}
