import type { Kernel, KernelMemory } from './kernel-memory.js';

/** Most vectors of one call: what the kernels take together. */
export const VECTORS_AT_ONCE = 4;
/** Rows come in multiples of it. */
const ROW_MULTIPLE = 4;
/** Bytes of a vector that a kernel takes at a time. */
const PART_BYTES = 16;

/** A view of elements in a memory. */
type ViewOf<Elements> = {
  new (buffer: ArrayBuffer, address: number, length: number): Elements;
  readonly BYTES_PER_ELEMENT: number;
};

/** The elements and kernels of one kind of product. */
export interface ProductKind<Weights, Vector, Products> {
  weights: ViewOf<Weights>;
  vector: ViewOf<Vector>;
  products: ViewOf<Products>;
  one: Kernel;
  four: Kernel;
}

interface Elements<Same> {
  readonly length: number;
  [index: number]: number;
  set(values: Same, offset?: number): void;
  subarray(begin: number, end: number): Same;
}

/** One matrix in a kernel memory, and its products with up to four vectors at a time. */
export class KernelProduct<
  Weights extends Elements<Weights>,
  Vector extends Elements<Vector>,
  Products extends Elements<Products>,
> {
  private readonly paddedRows: number;
  private readonly paddedColumns: number;
  /** Elements of a vector that a kernel takes at a time. */
  private readonly partLength: number;
  private readonly weightsAddress: number;
  private readonly vectorsAddress: number;
  private readonly productsAddress: number;
  private vectorsView: Vector;
  private productsView: Products;

  /** @param weights [rows x columns], row by row; copied */
  constructor(
    private readonly memory: KernelMemory,
    private readonly kind: ProductKind<Weights, Vector, Products>,
    private readonly rows: number,
    private readonly columns: number,
    weights: Weights,
  ) {
    this.partLength = PART_BYTES / kind.vector.BYTES_PER_ELEMENT;
    this.paddedRows = roundUp(rows, ROW_MULTIPLE);
    this.paddedColumns = roundUp(columns, this.partLength);
    const { paddedRows, paddedColumns } = this;
    this.weightsAddress = memory.allocate(paddedRows * paddedColumns * kind.weights.BYTES_PER_ELEMENT);
    this.vectorsAddress = memory.allocate(VECTORS_AT_ONCE * paddedColumns * kind.vector.BYTES_PER_ELEMENT);
    this.productsAddress = memory.allocate(VECTORS_AT_ONCE * paddedRows * kind.products.BYTES_PER_ELEMENT);
    const stored = new kind.weights(memory.buffer, this.weightsAddress, rows * paddedColumns);
    for (let row = 0; row < rows; row++) {
      stored.set(weights.subarray(row * columns, (row + 1) * columns), row * paddedColumns);
    }
    this.vectorsView = this.viewVectors();
    this.productsView = this.viewProducts();
  }

  /**
   * @param vectors one to four, each [columns]
   * @param products of each vector, [rows]: receives matrix * vector
   */
  multiply(vectors: readonly Vector[], products: readonly Products[]): void {
    if (this.productsView.length === 0) {
      // A matrix that was stored after this one let the memory grow.
      this.vectorsView = this.viewVectors();
      this.productsView = this.viewProducts();
    }
    if (vectors.length === 1) {
      this.vectorsView.set(vectors[0]);
      this.run(this.kind.one);
      products[0].set(this.productsView.subarray(0, this.rows));
      return;
    }
    for (const [place, vector] of vectors.entries()) this.interleave(vector, place);
    this.run(this.kind.four);
    // Where there are fewer than four vectors, the other products come from older ones, and nobody reads them.
    for (const [place, sums] of products.entries()) {
      const start = place * this.paddedRows;
      sums.set(this.productsView.subarray(start, start + this.rows));
    }
  }

  /** Writes a vector's parts where a kernel of four vectors looks for those of the vector at a place. */
  private interleave(vector: Vector, place: number): void {
    const { columns, partLength, vectorsView } = this;
    const stride = VECTORS_AT_ONCE * partLength;
    let target = place * partLength;
    for (let part = 0; part < columns; part += partLength) {
      const end = Math.min(part + partLength, columns);
      for (let i = part; i < end; i++) vectorsView[target + i - part] = vector[i];
      target += stride;
    }
  }

  private run(kernel: Kernel): void {
    kernel(
      this.weightsAddress,
      this.vectorsAddress,
      this.productsAddress,
      this.paddedRows,
      this.paddedColumns,
    );
  }

  private viewVectors(): Vector {
    const { memory, kind, paddedColumns } = this;
    return new kind.vector(memory.buffer, this.vectorsAddress, VECTORS_AT_ONCE * paddedColumns);
  }

  private viewProducts(): Products {
    const { memory, kind, paddedRows } = this;
    return new kind.products(memory.buffer, this.productsAddress, VECTORS_AT_ONCE * paddedRows);
  }
}

/** The smallest multiple that is not below a count. */
function roundUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
