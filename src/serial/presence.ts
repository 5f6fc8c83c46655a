import { access } from 'node:fs/promises';

/** How often is looked whether the device is still there. */
const PRESENCE_MILLISECONDS = 500;

/**
 * Calls back when a port's device goes from its folder. serialport does not notice when the other end of a
 * pseudo-terminal closes: it reads nothing, again and again. But the device goes then, as that of a USB adapter does.
 *
 * @returns what ends the watch
 */
export function watchPresence(path: string, onGone: () => void): () => void {
  if (!path.startsWith('/')) return () => undefined;
  const timer = setInterval(() => access(path).catch(onGone), PRESENCE_MILLISECONDS);
  return () => clearInterval(timer);
}
