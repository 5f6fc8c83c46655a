import { createHash } from 'node:crypto';
import path from 'node:path';
import { storiesOf } from './stories.js';
import type { StoryFile } from './story-files.js';
import { HASH_RANGE, storyHash } from './story-hash.js';
import type { OnBytes } from './text-chunks.js';

/** Share of the stories that is held out, and at most how many. */
const HELD_OUT_SHARE = 0.01;
const HELD_OUT_AT_MOST = 500;
/** Characters of the stories that a vocabulary is learned from: more teaches little. */
const SAMPLE_CHARACTERS = 24_000_000;

/** What a first reading of the files finds. */
export interface Survey {
  sources: { name: string; stories: number; characters: number; sha256: string }[];
  stories: number;
  /** By storyHash; chosen by it too, so that neither order nor number of the files matters. */
  heldOut: Map<number, string>;
  /** Stories from all over the files, at most SAMPLE_CHARACTERS of them. */
  sample: string[];
}

/**
 * Reads the files once: counts, chooses the held-out stories, gathers a sample.
 * @param wanted whether to hold stories out, and whether to gather a sample
 */
export async function surveyStories(
  files: StoryFile[],
  fields: string[] | undefined,
  wanted: { heldOut: boolean; sample: boolean },
  onBytes: OnBytes,
): Promise<Survey> {
  const survey: Survey = { sources: [], stories: 0, heldOut: new Map(), sample: [] };
  const sample = new Sample(survey.sample);
  for (const file of files) {
    const checksum = createHash('sha256');
    let stories = 0;
    let characters = 0;
    const watch: OnBytes = (bytes) => {
      checksum.update(bytes);
      onBytes(bytes);
    };
    for await (const story of storiesOf(file, fields, watch)) {
      stories++;
      characters += codePoints(story);
      const hash = storyHash(story);
      if (wanted.heldOut && hash < HELD_OUT_SHARE * HASH_RANGE) holdOut(survey.heldOut, hash, story);
      else if (wanted.sample) sample.offer(hash, story);
    }
    survey.sources.push({
      name: path.basename(file.path),
      stories,
      characters,
      sha256: checksum.digest('hex'),
    });
    survey.stories += stories;
  }
  return survey;
}

/** Keeps the stories with the smallest hashes. */
function holdOut(heldOut: Map<number, string>, hash: number, story: string): void {
  heldOut.set(hash, detached(story));
  if (heldOut.size > HELD_OUT_AT_MOST) heldOut.delete(Math.max(...heldOut.keys()));
}

/** Stories whose hash is below a threshold, which falls whenever they get too many. */
class Sample {
  private threshold = HASH_RANGE;
  private hashes: number[] = [];
  private characters = 0;

  constructor(private readonly stories: string[]) {}

  offer(hash: number, story: string): void {
    if (hash >= this.threshold) return;
    this.hashes.push(hash);
    this.stories.push(detached(story));
    this.characters += story.length;
    while (this.characters > SAMPLE_CHARACTERS) this.halve();
  }

  private halve(): void {
    this.threshold /= 2;
    const kept = this.hashes.map((hash) => hash < this.threshold);
    const stories = this.stories.filter((_, index) => kept[index]);
    this.hashes = this.hashes.filter((_, index) => kept[index]);
    this.stories.splice(0, this.stories.length);
    for (const story of stories) this.stories.push(story);
    this.characters = stories.reduce((sum, story) => sum + story.length, 0);
  }
}

/** A copy: a story that was cut out of a chunk of its file would keep the whole chunk in memory. */
function detached(story: string): string {
  return Buffer.from(story).toString();
}

/** Unicode code points of a text. */
export function codePoints(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) pairs++;
  }
  return text.length - pairs;
}
