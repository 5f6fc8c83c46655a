import { probablyMeant } from '../did-you-mean.js';
import { FlashlmError } from '../errors.js';
import type { ModelConfig } from '../model/config.js';
import { PRESETS, type PresetName } from '../model/presets.js';

/** @throws FlashlmError bad-argument, with what was probably meant */
export function choosePreset(name: string): ModelConfig {
  const names = Object.keys(PRESETS);
  if (names.includes(name)) return PRESETS[name as PresetName];
  const meant = probablyMeant(name, names);
  throw new FlashlmError(
    'bad-argument',
    `There is no preset "${name}".`,
    meant === null ? `Choose ${names.join(', ')}.` : `Did you mean "${meant}"?`,
  );
}
