import { KERNELS_BASE64 } from './kernels-module.js';

/** A kernel of kernels.wat; addresses and counts as it describes them. */
export type Kernel = (
  weights: number,
  vectors: number,
  products: number,
  rows: number,
  columns: number,
) => void;

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface KernelExports {
  memory: Memory;
  multiplyInt8: Kernel;
  multiplyInt8ByFour: Kernel;
  multiplyFloat32: Kernel;
  multiplyFloat32ByFour: Kernel;
}

/** The part of the JavaScript API of WebAssembly that is used here; Node's types leave it to the browser's. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

const PAGE_BYTES = 65536;
/** Of every address: what a 128-bit load likes best. */
const ALIGNMENT = 16;

/** Compiled once in a thread. */
let compiled: object | undefined;

/** The kernels with a memory of their own, which holds the matrices of one session and goes when the session goes. */
export class KernelMemory {
  readonly kernels: Omit<KernelExports, 'memory'>;
  private readonly memory: Memory;
  private used = 0;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(KERNELS_BASE64, 'base64'));
    const { memory, ...kernels } = new WebAssembly.Instance(compiled).exports as KernelExports;
    this.memory = memory;
    this.kernels = kernels;
  }

  /** Changes with every allocation that lets the memory grow; views of an earlier buffer have no elements. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** @returns the address of so many bytes, all zero */
  allocate(bytes: number): number {
    const address = this.used;
    this.used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const missing = this.used - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return address;
  }
}
