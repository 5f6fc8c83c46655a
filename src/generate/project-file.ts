/** One file of a generated project. */
export interface ProjectFile {
  /** Below the project's folder, with forward slashes. */
  path: string;
  content: string | Uint8Array;
}

/** The same files in a folder of the project. */
export function within(folder: string, files: ProjectFile[]): ProjectFile[] {
  return files.map(({ path, content }) => ({ path: `${folder}/${path}`, content }));
}
