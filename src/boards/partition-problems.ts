import { type Board, MODEL_PARTITION, type Partition } from './board.js';

/** Espressif's loader starts programs at multiples of 64 KB and erases 4 KB at a time; its table ends at 0x9000. */
const APP_ALIGNMENT = 0x10000;
const ALIGNMENT = 0x1000;
const FIRST_OFFSET = 0x9000;

/** What is wrong with a board's partition tables, as field and reason; null if nothing is. */
export function partitionProblem({ memory, arduino, espIdf }: Board): string | null {
  return (
    tableProblem('arduino.partitions', arduino?.partitions, memory.flashBytes) ??
    tableProblem('espIdf.partitions', espIdf?.partitions, memory.flashBytes) ??
    modelPartitionProblem(espIdf?.partitions)
  );
}

/** By Espressif's rules (ESP-IDF Programming Guide, Partition Tables). */
function tableProblem(field: string, partitions: Partition[] | undefined, flashBytes: number): string | null {
  if (partitions === undefined) return null;
  if (partitions.every(({ type }) => type !== 'app')) {
    return `field "${field}": one of them must have the type "app"`;
  }
  let end = FIRST_OFFSET;
  for (const { name, type, offset, bytes } of partitions) {
    const alignment = type === 'app' ? APP_ALIGNMENT : ALIGNMENT;
    if (offset < end) return `field "${field}": "${name}" begins before ${end}, where the one before it ends`;
    if (offset % alignment !== 0 || bytes % ALIGNMENT !== 0) {
      return `field "${field}": "${name}" must begin at a multiple of ${alignment} and have a multiple of ${ALIGNMENT} bytes`;
    }
    end = offset + bytes;
    if (end > flashBytes) {
      return `field "${field}": "${name}" ends at ${end}, must end at ${flashBytes} at the latest (memory.flashBytes)`;
    }
  }
  return null;
}

function modelPartitionProblem(partitions: Partition[] | undefined): string | null {
  const isModel = ({ name, type }: Partition) => name === MODEL_PARTITION && type === 'data';
  return partitions === undefined || partitions.some(isModel)
    ? null
    : `field "espIdf.partitions": one of them must be called "${MODEL_PARTITION}" and have the type "data"`;
}
