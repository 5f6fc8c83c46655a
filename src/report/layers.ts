import type { Staging } from '../generate/staging.js';
import type { ImageSection } from '../image/format.js';
import { listSections } from '../image/read.js';

/** A part of a model as people name it, and where its weights are read. */
export interface Layer {
  name: string;
  /** In the image. */
  bytes: number;
  /** Of these, copied into RAM. */
  bytesInRam: number;
}

/**
 * The layers of an image in their order; header, table and padding belong to none.
 * @throws FlashlmError bad-image for a damaged table
 */
export function layersOf(image: Uint8Array, staging: Staging): Layer[] {
  const layers = new Map<string, Layer>();
  for (const section of listSections(image)) {
    const name = nameOf(section);
    const layer = layers.get(name) ?? { name, bytes: 0, bytesInRam: 0 };
    const isCopied = section.offset >= staging.from && section.offset < staging.from + staging.bytes;
    layers.set(name, {
      name,
      bytes: layer.bytes + section.bytes,
      bytesInRam: layer.bytesInRam + (isCopied ? section.bytes : 0),
    });
  }
  return [...layers.values()];
}

function nameOf({ name, block }: ImageSection): string {
  if (name === 'piece_offsets' || name === 'piece_bytes') return 'vocabulary';
  if (name === 'cluster_multiplier' || name === 'clusters' || name === 'cluster_start') return 'clusters';
  if (name.startsWith('screen_')) return 'screen of the head';
  if (block >= 0) return `block ${block}`;
  return name === 'fixed_point' || name === 'final_norm' ? 'scales and norm' : 'embedding and head';
}
