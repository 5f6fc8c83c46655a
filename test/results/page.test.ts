import { describe, expect, it } from 'vitest';
import { renderResults } from '../../src/results/write-results.js';
import { fixedModel, fixedResults } from './fixed-results.js';

const pageOf = (results = fixedResults()) => renderResults(results, 'worth.md').at(-1)?.content ?? '';
const rowOf = (page: string, beginning: string) =>
  page.split('\n').filter((line) => line.startsWith(`| ${beginning} |`));

describe('the page of results', () => {
  it('comes with its pictures and its figures', () => {
    const files = renderResults(fixedResults(), 'worth.md');
    expect(files.map(({ name }) => name)).toEqual([
      ...['worth-flash.svg', 'worth-instructions.svg', 'worth.json', 'worth.md'],
    ]);
    expect(JSON.parse(files[2].content)).toEqual(fixedResults());
    const page = pageOf();
    expect(page).toContain('![Bits per character against bytes in flash](worth-flash.svg)');
    expect(page).toContain('](worth-instructions.svg)');
    expect(page).toContain('](worth.json)');
    expect(page).toContain('    flashlm-mcu results --data stories.txt\n');
  });

  it('has a row for each model and rival, by size, which says whether it was measured', () => {
    const page = pageOf();
    const rows = page.split('\n').filter((line) => /\| (measured|quoted) \|$/.test(line));
    expect(rows.map((row) => row.split(' | ')[0])).toEqual([
      ...['| **small**', '| **middle**', '| known', '| half known', '| **large**'],
    ]);
    expect(rows[0]).toContain('| 200,000 |');
    expect(rows[0]).toContain('| 1.00 million |');
    expect(rows[2]).toContain('| about 2,000,000 | 0.750 | 40.0 million |');
    expect(rows[3]).toContain('| 0.9 (0.8 to 1) | not known |');
    expect(rows[4]).toContain('| does not fit |');
  });

  it('shows every board, sampled and greedy', () => {
    expect(rowOf(pageOf(), '**middle**')[1]).toBe(
      '| **middle** | 6.50 million (6.50 million) | 7.80 million (7.80 million) |',
    );
    expect(rowOf(pageOf(), '**large**')[1]).toBe(
      '| **large** | does not fit | 90.0 million (90.0 million) |',
    );
  });

  it('names under a picture what it lacks', () => {
    expect(pageOf()).toContain('Not in this picture: large (does not fit), half known (no count is known).');
  });

  it('gives the source of every quoted figure', () => {
    for (const source of ['weighed known', 'evaluated known', 'counted known', 'guessed']) {
      expect(pageOf()).toContain(`Somebody ${source}.`);
    }
  });

  it('leaves rivals out that were evaluated on other stories, and says so', () => {
    const { rivals, evaluation } = fixedResults();
    const other = { name: 'other.txt', sha256: 'f'.repeat(64), stories: 77 };
    const page = pageOf(fixedResults({ rivals: { ...rivals, evaluation: other } }));
    expect(page).not.toContain('quoted');
    expect(page).toContain('Rivals are left out: their figures are of 77 stories of other.txt');
    expect(page).toContain(`these of 3 of ${evaluation.name}`);
    const none = pageOf(fixedResults({ rivals: { evaluation: other, models: [] } }));
    expect(none).not.toContain('Rivals are left out');
  });

  it('shows hostile names as they are', () => {
    const page = pageOf(fixedResults({ models: [fixedModel('a|b\n*c*', 1e6)] }));
    expect(rowOf(page, '**a\\|b \\*c\\***')).toHaveLength(2);
  });
});
