import { renderScatter, type ScatterPoint } from '../picture/scatter.js';
import { formatAmount } from '../picture/ticks.js';
import { formatScaled } from '../report/format.js';
import { comparableRivals, type QuotedFigure, type Results } from './figures.js';
import { formatBpc, formatStories } from './format.js';

/** A picture, and what it lacks. */
export interface ResultsPicture {
  /** What it is called beside other files of the page: the end of a file name. */
  id: 'flash' | 'instructions';
  /** For those who do not see it. */
  title: string;
  svg: string;
  /** Models without a place in it, each with the reason. */
  absent: { name: string; reason: string }[];
}

/** A model, as a picture needs it. */
interface Candidate extends Pick<ScatterPoint, 'name' | 'series'> {
  bpc: Pick<QuotedFigure, 'value' | 'range'>;
  /** null where it is not known. */
  x: number | null;
  /** Why it is not. */
  reason: string;
}

const OWN = 0;
const RIVAL = 1;
const SERIES = ["this project's: measured by flashlm-mcu results", "others': quoted"];

/** Bits per character against bytes in flash, and against instructions for a token on the first board. */
export function drawPictures(results: Results): ResultsPicture[] {
  const [board] = results.boards;
  return [
    drawPicture(results, {
      id: 'flash',
      title: 'Bits per character against bytes in flash',
      xTitle: 'bytes of the model in flash, without the program',
      formatX: (bytes) => formatScaled(bytes, 'B'),
      candidates: candidates(
        results,
        ({ bytesInFlash }) => ({ x: bytesInFlash, reason: '' }),
        ({ bytesInFlash }) => ({ x: bytesInFlash.value, reason: '' }),
      ),
    }),
    drawPicture(results, {
      id: 'instructions',
      title: `Bits per character against instructions per token, ${board.core}`,
      xTitle: `instructions executed for a sampled token, ${board.core}`,
      formatX: (instructions) => formatAmount(Number(instructions.toPrecision(3))),
      candidates: candidates(
        results,
        ({ runs }) => {
          const run = runs.find((candidate) => candidate.board === board.id);
          return { x: run?.instructionsPerToken ?? null, reason: run?.missing ?? 'was not run' };
        },
        ({ instructionsPerToken }) => ({
          x: instructionsPerToken[board.core]?.value ?? null,
          reason: 'no count is known',
        }),
      ),
    }),
  ];
}

type PlaceOf<Model> = (model: Model) => { x: number | null; reason: string };

function candidates(
  results: Results,
  placeOwn: PlaceOf<Results['models'][number]>,
  placeRival: PlaceOf<Results['rivals']['models'][number]>,
): Candidate[] {
  return [
    ...results.models.map((model) => ({
      ...{ name: model.name, series: OWN, bpc: { value: model.bpc } },
      ...placeOwn(model),
    })),
    ...comparableRivals(results).map((rival) => ({
      ...{ name: rival.name, series: RIVAL, bpc: rival.bpc },
      ...placeRival(rival),
    })),
  ];
}

interface PicturePlan extends Pick<ResultsPicture, 'id' | 'title'> {
  xTitle: string;
  formatX: (x: number) => string;
  candidates: Candidate[];
}

function drawPicture({ evaluation }: Results, plan: PicturePlan): ResultsPicture {
  const { id, title, xTitle, formatX } = plan;
  const points = plan.candidates.flatMap(({ x, bpc, name, series }): ScatterPoint[] =>
    x === null
      ? []
      : [{ name, x, y: bpc.value, detail: `${formatBpc(bpc.value, bpc.range)}, ${formatX(x)}`, series }],
  );
  const svg = renderScatter({
    ...{ title, points, xTitle, formatX, series: SERIES },
    subtitle: `${evaluation.name}, ${formatStories(evaluation.stories)}, nothing cut off and no token unknown`,
    yTitle: 'bits per character',
  });
  const absent = plan.candidates.filter(({ x }) => x === null);
  return { id, title, svg, absent: absent.map(({ name, reason }) => ({ name, reason })) };
}
