import type { FirmwareConsole } from '../emulate/firmware-console.js';
import { type FirmwareTrace, probeChecksums, probeValues, type StorySettings } from '../emulate/trace.js';
import type { Trace } from '../integer/generate.js';
import type { IntegerModel } from '../integer/model.js';
import { probeStep } from '../integer/probe.js';
import type { ProbePoint } from '../integer/probe-point.js';

/**
 * Says where firmware and reference part: runs the story again with probes at the first differing step, and looks for
 * the first vector and element that differ.
 */
export async function describeMismatch(
  model: IntegerModel,
  console: FirmwareConsole,
  story: StorySettings,
  expected: Trace,
  actual: FirmwareTrace,
  step: number,
): Promise<string> {
  const place = `story "${story.prompt}" (seed ${story.seed}), step ${step}`;
  const [wanted, got] = [expected.steps[step], actual.steps[step]];
  if (wanted === undefined || got === undefined || wanted.token !== got.token) {
    return `${place}: token ${got?.token ?? 'missing'} instead of ${wanted?.token ?? 'none'}, though all logits before agree`;
  }
  const tokens = expected.steps.map(({ token }) => token);
  const reference = probeStep(model, tokens, step);
  const probed = await probeChecksums(console, story, step);
  const differing = reference.find((point, index) => probed[index]?.checksum !== point.checksum);
  if (differing === undefined) return `${place}: the logits differ, though every vector before them agrees`;
  const values = await probeValues(console, story, step, differing.point);
  const element = differing.values.findIndex((value, index) => values[index] !== value);
  return (
    `${place}, ${layerName(differing)}, element ${element} of ${differing.count}: ` +
    `${values[element] ?? 'missing'} instead of ${differing.values[element]}`
  );
}

function layerName({ name, block }: ProbePoint): string {
  return block < 0 ? `layer ${name}` : `layer ${name} of block ${block}`;
}
