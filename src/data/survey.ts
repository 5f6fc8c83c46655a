import { createHash } from 'node:crypto';
import path from 'node:path';
import { storiesOf } from './stories.js';
import type { StoryFile } from './story-files.js';
import { storyHash } from './story-hash.js';
import { StorySample } from './story-sample.js';
import type { OnBytes } from './text-chunks.js';

/** Of so many stories one is held out, and at most so many are. */
const HELD_OUT_OF = 100;
const HELD_OUT_AT_MOST = 500;
/** Characters of the stories that a vocabulary is learned from: more teaches little. */
const SAMPLE_CHARACTERS = 24_000_000;
/** Held-out stories are evaluated again and again: whole books of them would take too long. */
const HELD_OUT_CHARACTERS = 4_000_000;

/** What one file holds. */
export interface SurveyedFile {
  name: string;
  stories: number;
  /** Unicode code points. */
  characters: number;
  /** Of the file as it lies on disk. */
  sha256: string;
}

/** What a first reading of the files finds. */
export interface Survey {
  sources: SurveyedFile[];
  stories: number;
  /** Chosen by their hash, so that neither order nor number of the files matters. */
  heldOut: string[];
  /** Different stories from all over the files, none of them held out, at most SAMPLE_CHARACTERS of them. */
  sample: string[];
}

export interface SurveyRequest {
  files: StoryFile[];
  fields: string[] | undefined;
  /** Whether to hold stories out. */
  holdOut: boolean;
  /** Whether a vocabulary is to be learned. */
  wantSample: boolean;
  onBytes: OnBytes;
  onStory: () => void;
}

/** Reads the files once: counts, chooses the held-out stories, gathers a sample. */
export async function surveyStories(request: SurveyRequest): Promise<Survey> {
  const sources: SurveyedFile[] = [];
  const candidates = new StorySample(4 * HELD_OUT_AT_MOST, HELD_OUT_CHARACTERS);
  const sample = new StorySample(Number.POSITIVE_INFINITY, SAMPLE_CHARACTERS);
  for (const file of request.files) {
    const checksum = createHash('sha256');
    const source = { name: path.basename(file.path), stories: 0, characters: 0 };
    const watch: OnBytes = (bytes) => {
      checksum.update(bytes);
      request.onBytes(bytes);
    };
    for await (const story of storiesOf(file, request.fields, watch)) {
      source.stories++;
      source.characters += codePoints(story);
      request.onStory();
      const hash = storyHash(story);
      if (request.holdOut) candidates.offer(hash, story);
      if (request.wantSample) sample.offer(hash, story);
    }
    sources.push({ ...source, sha256: checksum.digest('hex') });
  }
  const stories = sources.reduce((sum, source) => sum + source.stories, 0);
  const count = Math.min(HELD_OUT_AT_MOST, Math.floor(stories / HELD_OUT_OF));
  const heldOut = new Map(candidates.smallestFirst().slice(0, count));
  const others = sample.smallestFirst().filter(([hash]) => !heldOut.has(hash));
  return { sources, stories, heldOut: [...heldOut.values()], sample: others.map(([, story]) => story) };
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
