import type { HeldOutPoint, TrainingLossPoint } from './loss-picture.js';

/** More points than these show nothing more in a picture. */
const MOST_POINTS = 512;
const FIRST_INTERVAL = 10;

/** What a loss recorder must remember to go on after a resume. */
export interface RecordedLoss {
  /** Steps between points; doubles whenever there are too many. */
  interval: number;
  /** Sum and number of the losses since the last point, nats per token. */
  pendingSum: number;
  pendingCount: number;
  /** Exponentially weighted running mean; null before the first step. */
  runningMean: number | null;
  training: TrainingLossPoint[];
  heldOut: HeldOutPoint[];
}

export function newRecordedLoss(): RecordedLoss {
  return {
    interval: FIRST_INTERVAL,
    pendingSum: 0,
    pendingCount: 0,
    runningMean: null,
    training: [],
    heldOut: [],
  };
}

/** Weight of the newest loss in the running mean that is shown. */
const SMOOTHING = 0.05;

/** Adds a step's loss; every `interval` steps their mean becomes a point. */
export function recordLoss(
  record: RecordedLoss,
  step: number,
  loss: number,
  at: { tokens: number; minutes: number },
): void {
  record.runningMean =
    record.runningMean === null ? loss : record.runningMean + SMOOTHING * (loss - record.runningMean);
  record.pendingSum += loss;
  record.pendingCount++;
  if (step % record.interval !== 0) return;
  record.training.push({ ...at, loss: record.pendingSum / record.pendingCount });
  record.pendingSum = 0;
  record.pendingCount = 0;
  if (record.training.length <= MOST_POINTS) return;
  record.interval *= 2;
  record.training = pairwiseMeans(record.training);
}

/** Every second point, with the mean loss of two; an odd one at the end stays. */
function pairwiseMeans(points: TrainingLossPoint[]): TrainingLossPoint[] {
  const halved: TrainingLossPoint[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const second = points[i + 1] ?? points[i];
    halved.push({ ...second, loss: (points[i].loss + second.loss) / 2 });
  }
  return halved;
}
