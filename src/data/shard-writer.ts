import { createHash } from 'node:crypto';
import path from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.js';
import { END_OF_STORY, type Tokenizer } from '../tokenizer/tokenizer.js';
import { codePoints } from './survey.js';
import type { Manifest } from './token-shards.js';

/** Tokens of a shard: 16 MiB. */
const SHARD_TOKENS = 8 << 20;

/** Encodes stories and writes a shard whenever one is full: 16-bit tokens, little-endian. */
export class ShardWriter {
  readonly shards: Manifest['shards'] = [];
  stories = 0;
  characters = 0;
  tokens = 0;
  private readonly bytes = Buffer.alloc(2 * SHARD_TOKENS);
  private used = 0;
  private storiesInShard = 0;

  constructor(
    private readonly directory: string,
    private readonly tokenizer: Tokenizer,
  ) {}

  /**
   * @param story at most LONGEST_STORY, so that it fits in a shard
   * @throws FlashlmError write-failed
   */
  async add(story: string): Promise<void> {
    const tokens = this.tokenizer.encode(story);
    if (this.used + tokens.length + 1 > SHARD_TOKENS) await this.flush();
    this.put(END_OF_STORY);
    for (const token of tokens) this.put(token);
    this.stories++;
    this.storiesInShard++;
    this.characters += codePoints(story);
    this.tokens += tokens.length;
  }

  /** Writes what there is. */
  async flush(): Promise<void> {
    if (this.used === 0) return;
    const file = `shard-${String(this.shards.length).padStart(5, '0')}.tokens`;
    const bytes = this.bytes.subarray(0, 2 * this.used);
    await writeFileAtomically(path.join(this.directory, file), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.shards.push({ file, stories: this.storiesInShard, tokens: this.used, sha256 });
    this.used = 0;
    this.storiesInShard = 0;
  }

  private put(token: number): void {
    this.bytes.writeUInt16LE(token, 2 * this.used++);
  }
}
