/** GPT-2's tokenizer: byte-pair encoding over 50,256 pieces of bytes. */
export interface Gpt2 {
  /** Bytes of each token by its id; `<|endoftext|>` (50256) is not among them. */
  pieces: readonly Uint8Array[];
  /** Tokens of a text; what looks like `<|endoftext|>` is ordinary text. */
  encode(text: string): number[];
}

let loading: Promise<Gpt2> | undefined;

/** Loads GPT-2's vocabulary (half a megabyte) once; only models that were trained on it need it. */
export function loadGpt2(): Promise<Gpt2> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Gpt2> {
  const [encoding, ranks] = await Promise.all([
    import('gpt-tokenizer/encoding/r50k_base'),
    import('gpt-tokenizer/bpeRanks/r50k_base'),
  ]);
  const asText = { disallowedSpecial: new Set<string>() };
  return {
    pieces: ranks.default.map((piece) =>
      typeof piece === 'string' ? new Uint8Array(Buffer.from(piece, 'utf8')) : Uint8Array.from(piece),
    ),
    encode: (text) => encoding.encode(text, asText),
  };
}
