/** A file of the real set. */
export interface PublishedFile {
  name: string;
  bytes: number;
  sha256: string;
}

/**
 * Where TinyStories lies (Eldan and Li, 2023; CDLA-Sharing-1.0): the revision that lengths and checksums below are of.
 * Both were taken from what several independent projects publish of this revision's Git LFS files, which agree.
 */
export const SERVER =
  'https://huggingface.co/datasets/roneneldan/TinyStories/resolve/f54c09fd23315a6f9c86f9dc80f725de7d8f9c64/';

/** Training stories, then validation stories. */
export const EDITIONS = {
  v2: [
    {
      name: 'TinyStoriesV2-GPT4-train.txt',
      bytes: 2_227_753_162,
      sha256: '6418d412de72888f52b5142c761ac21a582f7d1166f0bfbdb5f03ccfdec90443',
    },
    {
      name: 'TinyStoriesV2-GPT4-valid.txt',
      bytes: 22_502_601,
      sha256: '6874bae9a4c1a4e7edcf0e53b86c17817e9cf881fc75ff2368da457b80c0585d',
    },
  ],
  v1: [
    {
      name: 'TinyStories-train.txt',
      bytes: 1_924_281_556,
      sha256: 'c5cf5e22ff13614e830afbe61a99fbcbe8bcb7dd72252b989fa1117a368d401f',
    },
    {
      name: 'TinyStories-valid.txt',
      bytes: 19_447_282,
      sha256: '94e431816c4cce81ff71e4408ff8d3bda9a42e8d2663986697c3954288cb38b4',
    },
  ],
} satisfies Record<string, PublishedFile[]>;
