import type { StoryFile } from './story-files.js';

export type PreparePhase = 'counting' | 'learning the vocabulary' | 'encoding';

export interface PrepareProgress {
  phase: PreparePhase;
  /** 0..1 of the whole work. */
  share: number;
  /** Of this reading, as the files lie on disk. */
  bytesRead: number;
  bytesInAll: number;
  stories: number;
}

/** Share of the time, measured on a gigabyte of stories; learning takes seconds, however many stories there are. */
const COUNTING_SHARE = 0.15;
/** Reports are for people. */
const REPORT_EVERY_BYTES = 1 << 20;

/** Counts what was read, for a progress bar. */
export class PrepareMeter {
  private readonly bytesInAll: number;
  private bytesRead = 0;
  private stories = 0;
  private reported = 0;

  constructor(
    files: StoryFile[],
    private readonly onProgress: ((progress: PrepareProgress) => void) | undefined,
  ) {
    this.bytesInAll = files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  countStory(): void {
    this.stories++;
  }

  read(phase: PreparePhase, bytes: number): void {
    this.bytesRead += bytes;
    if (this.bytesRead - this.reported < REPORT_EVERY_BYTES && this.bytesRead < this.bytesInAll) return;
    this.reported = this.bytesRead;
    this.report(phase);
  }

  learn(): void {
    this.report('learning the vocabulary');
  }

  /** The second reading begins. */
  startAgain(): void {
    this.bytesRead = 0;
    this.reported = 0;
    this.stories = 0;
  }

  private report(phase: PreparePhase): void {
    const part = this.bytesInAll === 0 ? 1 : Math.min(1, this.bytesRead / this.bytesInAll);
    const share = phase === 'encoding' ? COUNTING_SHARE + (1 - COUNTING_SHARE) * part : COUNTING_SHARE * part;
    const { bytesRead, bytesInAll, stories } = this;
    this.onProgress?.({ phase, share, bytesRead, bytesInAll, stories });
  }
}
