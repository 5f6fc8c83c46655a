import path from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.js';
import { requireReplaceable } from '../files/replaceable.js';
import { type Results, resultsSchema } from './figures.js';
import { PAGE_MARK, renderPage } from './page.js';
import { drawPictures } from './pictures.js';

/** A file of a page of results. */
export interface ResultsFile {
  /** Lies beside the page, which is the last one. */
  name: string;
  content: string;
}

/**
 * The files of results: pictures, figures, and the page that shows them. The same figures give the same bytes.
 *
 * @param pageName name of the page's file, without its folder
 */
export function renderResults(results: Results, pageName: string): ResultsFile[] {
  const stem = path.basename(pageName, path.extname(pageName));
  const pictures = drawPictures(results);
  const names = {
    picture: ({ id }: { id: string }) => `${stem}-${id}.svg`,
    figures: `${stem}.json`,
  };
  return [
    ...pictures.map((picture) => ({ name: names.picture(picture), content: picture.svg })),
    // Parsed, so that the fields of the same figures always stand in the same order.
    { name: names.figures, content: `${JSON.stringify(resultsSchema.parse(results), null, 2)}\n` },
    { name: pageName, content: renderPage(results, pictures, names) },
  ];
}

/**
 * Refuses a place for a page that holds anything but an earlier page of results.
 *
 * @throws FlashlmError bad-argument
 */
export async function checkPagePlace(page: string): Promise<void> {
  await requireReplaceable(page, PAGE_MARK, 'page of results');
}

/**
 * Writes the page and what it shows beside it, the page last: where it is new, all of it is.
 *
 * @returns paths of the files
 * @throws FlashlmError write-failed
 */
export async function writeResults(results: Results, page: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, content } of renderResults(results, path.basename(page))) {
    const file = path.join(path.dirname(page), name);
    await writeFileAtomically(file, content);
    paths.push(file);
  }
  return paths;
}
