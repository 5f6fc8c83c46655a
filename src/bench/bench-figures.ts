import type { Performance } from './performance.js';
import type { TokenPart } from './token-parts.js';

/** One figure of a benchmark: what `bench ... --json` prints a list of, whose keys other tools rely on. */
export interface BenchFigure {
  /** What was measured. */
  name: string;
  /** Of what, and where: core, shape, model, story. */
  target: string;
  /** null where it cannot be known here. */
  value: number | null;
  unit: string;
}

/** What a token of a model takes on a core. */
interface TokenFigures {
  instructions: number;
  parts: TokenPart[];
  /** Rows of the embedding that the output head reads, a mean. */
  headRows: number;
  /** Of the image. */
  bytesRead: number;
}

/** Everything that `bench` counts: kernels by shape and core, then tokens by model, story and core. */
export function figuresOfPerformance({ kernels, tokens }: Performance): BenchFigure[] {
  return [
    ...kernels.flatMap(({ kernel, toolchain, rows, columns, instructionsPerWeight, ramBytes }) => {
      const target = `${toolchain}, ${rows} x ${columns}`;
      return [
        { name: `kernel ${kernel}`, target, value: instructionsPerWeight, unit: 'instructions/weight' },
        { name: `RAM of kernel ${kernel}`, target, value: ramBytes, unit: 'bytes' },
      ];
    }),
    ...tokens.flatMap((token) => figuresOfToken(token, `${token.toolchain}, ${token.model}, ${token.story}`)),
  ];
}

/** A token as a whole, part by part, and what it reads. */
export function figuresOfToken(token: TokenFigures, target: string): BenchFigure[] {
  return [
    { name: 'token', target, value: token.instructions, unit: 'instructions/token' },
    ...token.parts.map(({ name, instructions }) => ({
      ...{ name: `token: ${name}`, target, value: instructions, unit: 'instructions/token' },
    })),
    { name: 'rows of the output head', target, value: token.headRows, unit: 'rows/token' },
    { name: 'bytes of the image', target, value: token.bytesRead, unit: 'bytes/token' },
  ];
}
