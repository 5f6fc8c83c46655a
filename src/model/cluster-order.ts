/** The tokens of a vocabulary, cluster by cluster. */
export interface ClusterOrder {
  /** [C + 1]: cluster c has the places start[c]..start[c+1] of the order */
  start: Uint16Array;
  /** [V]: the token at each place; within a cluster they rise */
  tokens: Uint16Array;
}

/** @param clusterOfToken [V], each below `clusters` */
export function clusterOrder(clusterOfToken: Uint16Array, clusters: number): ClusterOrder {
  const start = new Uint16Array(clusters + 1);
  for (const cluster of clusterOfToken) start[cluster + 1]++;
  for (let cluster = 0; cluster < clusters; cluster++) start[cluster + 1] += start[cluster];
  const next = start.slice();
  const tokens = new Uint16Array(clusterOfToken.length);
  for (const [token, cluster] of clusterOfToken.entries()) tokens[next[cluster]++] = token;
  return { start, tokens };
}

/**
 * Checks the clusters of a vocabulary: whole numbers below the count of clusters, and none without a token.
 *
 * @returns what is wrong as a clause, or null
 */
export function findClusterProblem(clusterOfToken: ArrayLike<number>, clusters: number): string | null {
  const filled = new Uint8Array(clusters);
  for (let token = 0; token < clusterOfToken.length; token++) {
    const cluster = clusterOfToken[token];
    if (!Number.isInteger(cluster) || cluster < 0 || cluster >= clusters) {
      return `token ${token} is in cluster ${cluster}, and the clusters are 0 to ${clusters - 1}`;
    }
    filled[cluster] = 1;
  }
  const empty = filled.indexOf(0);
  return empty === -1 ? null : `no token is in cluster ${empty}`;
}
