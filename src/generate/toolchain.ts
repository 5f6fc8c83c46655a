/** The compiler that a generated project is built with. */
export interface ToolchainDescription {
  /** Name in src/compile/toolchains.ts. */
  id: string;
  /** What comes before `gcc`, `objcopy` and `size`; empty for the host's own compiler. */
  prefix: string;
  /** Options that choose core and calling convention, for compiler and linker alike. */
  flags: string[];
  /** Dialect of C; left out, C99. */
  dialect?: 'gnu99';
}
