/** One of a list. */
export function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T; // the lists here are never empty
}

/** Changes one byte of a text or body: turned, taken out, or put in. */
export function mutateBytes(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length);
  const byte = Buffer.from([Math.floor(random() * 256)]);
  const rest = bytes.subarray(at + 1);
  return pick(random, [
    Buffer.concat([bytes.subarray(0, at), byte, rest]),
    Buffer.concat([bytes.subarray(0, at), rest]),
    Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at)]),
  ]);
}

export function mutateText(text: string, random: () => number): string {
  return mutateBytes(Buffer.from(text, "latin1"), random).toString("latin1");
}
