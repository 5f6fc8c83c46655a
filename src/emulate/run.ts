import type { ToldStory } from '../serial/console-client.js';
import type { EmulatorFirmware } from './emulator-firmware.js';
import { FirmwareConsole } from './firmware-console.js';
import { applySettings, encodeLine, type FirmwareTrace, type StorySettings, traceStory } from './trace.js';

/** One story told in trace on an emulator. */
export async function traceOnEmulator(
  firmware: EmulatorFirmware,
  settings: StorySettings,
): Promise<FirmwareTrace> {
  const console = await FirmwareConsole.start(firmware);
  try {
    return await traceStory(console, settings);
  } finally {
    await console.close();
  }
}

/**
 * A story told on an emulator as a person would hear it.
 * @param onText receives prompt and story as they arrive
 */
export async function tellOnEmulator(
  firmware: EmulatorFirmware,
  settings: StorySettings,
  onText: (text: string) => void = () => undefined,
): Promise<ToldStory> {
  const console = await FirmwareConsole.start(firmware);
  try {
    await applySettings(console, settings);
    return await console.tell(encodeLine(settings.prompt), onText);
  } finally {
    await console.close();
  }
}
