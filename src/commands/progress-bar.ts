import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on stderr, where a person watches; elsewhere it prints nothing. */
export interface ProgressBar {
  /** @param share 0..1; `text` stands behind the bar */
  update(share: number, text: string): void;
  stop(): void;
}

const RESOLUTION = 1000;

/** @param title stands before the bar */
export function startProgressBar(title: string): ProgressBar {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: `${title} {bar} {percentage}%  {text}`,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.rect,
  );
  bar.start(RESOLUTION, 0, { text: '' });
  return {
    update: (share, text) => bar.update(Math.round(share * RESOLUTION), { text }),
    stop: () => bar.stop(),
  };
}

/** A duration for people: "45 s", "12 min", "1 h 05 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
