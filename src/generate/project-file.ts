/** One file of a generated project. */
export interface ProjectFile {
  /** Below the project's folder, with forward slashes. */
  path: string;
  content: string | Uint8Array;
}
