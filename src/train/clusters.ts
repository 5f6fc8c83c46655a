/**
 * Sorts a vocabulary into clusters of equal size for a two-level softmax: tokens that follow and precede the same words
 * come together, so that the cluster of the next token can be guessed from what went before.
 *
 * Each token is described by its positive pointwise mutual information with the most frequent tokens before and after it
 * (Church and Hanks, 1990), scaled to length 1; the descriptions are grouped by k-means with a fixed size of groups.
 */

/** So many of the most frequent tokens describe the others, on either side. */
const NEIGHBOURS = 768;
/** What stands before a token says more about when it comes than what stands after it. */
const WEIGHT_AFTER = 0.5;
/** Keeps rare pairs from looking certain. */
const SMOOTHING = 0.5;
const ROUNDS = 15;
/** Groups begin at frequent tokens, this many of the vocabulary's ranks apart for each that they will hold. */
const SEED_DISTANCE = 1 / 8;

/**
 * @param tokens text to count in, tokens below `vocabulary`
 * @returns the cluster of each token [vocabulary], 0..clusters-1; sizes differ by at most one. The same text gives the
 *   same clusters.
 */
export function findClusters(tokens: Uint16Array, vocabulary: number, clusters: number): Uint16Array {
  const counts = countTokens(tokens, vocabulary);
  const byFrequency = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  const description = describe(tokens, counts, byFrequency.slice(0, NEIGHBOURS));
  const width = description.length / vocabulary;
  const row = (token: number) => description.subarray(token * width, (token + 1) * width);
  const distance = Math.max(1, Math.floor((vocabulary / clusters) * SEED_DISTANCE));
  let centres: Float32Array = new Float32Array(clusters * width);
  for (let cluster = 0; cluster < clusters; cluster++) {
    centres.set(row(byFrequency[(cluster * distance) % vocabulary]), cluster * width);
  }
  const weights = Float64Array.from(counts, (count) => Math.log(2 + count));
  let clusterOf: Uint16Array = new Uint16Array(vocabulary);
  for (let round = 0; round < ROUNDS; round++) {
    clusterOf = assign(similarities(description, centres, width), weights, clusters);
    centres = centresOf(description, clusterOf, weights, clusters);
  }
  return clusterOf;
}

function countTokens(tokens: Uint16Array, vocabulary: number): Float64Array {
  const counts = new Float64Array(vocabulary);
  for (const token of tokens) counts[token]++;
  return counts;
}

/** @returns [vocabulary x 2 neighbours]: what stands before, then what stands after */
function describe(tokens: Uint16Array, counts: Float64Array, neighbours: number[]): Float32Array {
  const width = 2 * neighbours.length;
  const place = new Int32Array(counts.length).fill(-1);
  for (const [i, token] of neighbours.entries()) place[token] = i;
  const pairs = new Float32Array(counts.length * width);
  for (let i = 1; i < tokens.length; i++) {
    const before = place[tokens[i - 1]];
    const after = place[tokens[i]];
    if (before >= 0) pairs[tokens[i] * width + before]++;
    if (after >= 0) pairs[tokens[i - 1] * width + neighbours.length + after]++;
  }
  for (let token = 0; token < counts.length; token++) {
    const row = pairs.subarray(token * width, (token + 1) * width);
    for (let i = 0; i < width; i++) {
      const expected = (counts[token] * counts[neighbours[i % neighbours.length]]) / tokens.length;
      const weight = i < neighbours.length ? 1 : WEIGHT_AFTER;
      row[i] = row[i] === 0 ? 0 : weight * Math.max(0, Math.log(row[i] / (expected + SMOOTHING)));
    }
    scaleToLengthOne(row);
  }
  return pairs;
}

function scaleToLengthOne(row: Float32Array): void {
  let squares = 0;
  for (const value of row) squares += value * value;
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let i = 0; i < row.length; i++) row[i] *= factor;
}

/** Cosines [rows x centres]. */
function similarities(description: Float32Array, centres: Float32Array, width: number): Float32Array {
  const rows = description.length / width;
  const count = centres.length / width;
  const result = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let centre = 0; centre < count; centre++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += description[row * width + i] * centres[centre * width + i];
      result[row * count + centre] = sum;
    }
  }
  return result;
}

/** Those who would lose most by their second choice choose first; every cluster is filled. */
function assign(similarity: Float32Array, weights: Float64Array, clusters: number): Uint16Array {
  const vocabulary = weights.length;
  const choices = (token: number) => similarity.subarray(token * clusters, (token + 1) * clusters);
  const loss = Float64Array.from(weights, (weight, token) => weight * leadOfFirst(choices(token)));
  const order = Array.from(loss.keys()).sort((a, b) => loss[b] - loss[a] || a - b);
  const larger = vocabulary % clusters;
  const room = Array.from(
    { length: clusters },
    (_, cluster) => Math.floor(vocabulary / clusters) + (cluster < larger ? 1 : 0),
  );
  const clusterOf = new Uint16Array(vocabulary);
  for (const token of order) {
    let best = -1;
    for (const [cluster, value] of choices(token).entries()) {
      if (room[cluster] > 0 && (best < 0 || value > choices(token)[best])) best = cluster;
    }
    clusterOf[token] = best;
    room[best]--;
  }
  return clusterOf;
}

function leadOfFirst(values: Float32Array): number {
  let first = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value > first) {
      second = first;
      first = value;
    } else if (value > second) {
      second = value;
    }
  }
  return first - second;
}

/** Weighted means of the rows, scaled to length 1. */
function centresOf(
  description: Float32Array,
  clusterOf: Uint16Array,
  weights: Float64Array,
  clusters: number,
): Float32Array {
  const width = description.length / clusterOf.length;
  const centres = new Float32Array(clusters * width);
  for (const [token, cluster] of clusterOf.entries()) {
    for (let i = 0; i < width; i++)
      centres[cluster * width + i] += weights[token] * description[token * width + i];
  }
  for (let cluster = 0; cluster < clusters; cluster++) {
    scaleToLengthOne(centres.subarray(cluster * width, (cluster + 1) * width));
  }
  return centres;
}
