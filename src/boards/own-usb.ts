import type { Board } from './board.js';

/** USB id of the serial port that newer chips of Espressif have themselves (USB Serial/JTAG); ESP32-C3 Series Datasheet. */
export const OWN_USB = '303a:1001';

/** Whether a board's chip has a serial port of its own beside the bridge that its firmware speaks over. */
export function hasOwnUsb({ usb }: Board): boolean {
  return usb?.includes(OWN_USB) === true;
}
