import { explainSignature, verify as verifyBody } from "../middleware/index.ts";
import type { Explanation } from "../middleware/index.ts";
import { parseHeaders } from "./flags.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { findNearMisses } from "./near-misses.ts";
import { printJson } from "./print.ts";
import { nameOf, readBody, readSigning } from "./signing.ts";
import type { Signing, SigningFlags } from "./signing.ts";

type VerifyFlags = SigningFlags & { header: string[]; signature?: string };

/**
 * `verify [FILE]`: says whether one of the secrets signed exactly these bytes,
 * and if not, what was hashed and what may be wrong.
 */
export async function verify(
  io: Io,
  file: string | undefined,
  flags: VerifyFlags,
): Promise<number> {
  const signing = await readSigning(io, "verify", flags);
  const headers = readHeaders(flags, signing);
  const { scheme, secrets, now, method, url } = signing;
  const request = {
    headers,
    body: await readBody(io, file),
    method,
    ...(url === undefined ? {} : { url }),
  };
  const verdict = verifyBody(scheme, secrets, { ...request, now });
  const explanation = explainSignature(scheme, request);
  if (verdict.ok) {
    const { scheme: name, hashed, body } = explanation;
    if (flags.json) printJson(io, { ...verdict, scheme: name, hashed, body });
    else io.stdout.write(`verified with secret ${verdict.key}\n`);
    return EXIT.ok;
  }
  const hints =
    verdict.reason === "bad_signature"
      ? await findNearMisses(scheme, secrets, { ...request, now })
      : [];
  if (verdict.reason === "too_old" || verdict.reason === "too_new")
    hints.push(
      `The clock read ${now.toISOString()}; --now asks for another time.`,
    );
  // Where only the clock is at fault, nothing is wrong with secret or body.
  const causes =
    verdict.reason === "too_old" || verdict.reason === "too_new"
      ? hints
      : [...hints, ...explanation.causes];
  if (flags.json) {
    printJson(io, { ...verdict, ...explanation, causes });
  } else {
    io.stdout.write(`refused: ${verdict.reason}\n`);
    for (const line of [...describe(explanation), ...causes])
      io.stderr.write(`${line}\n`);
  }
  return EXIT.signature;
}

function describe({ hashed, body, canonical }: Explanation): string[] {
  const lines: string[] = [];
  if (hashed)
    lines.push(`hashed ${hashed.bytes} bytes, sha256 ${hashed.sha256}`);
  if (hashed?.sha256 !== body.sha256)
    lines.push(`the body has ${body.bytes} bytes, sha256 ${body.sha256}`);
  const { difference } = canonical ?? {};
  if (hashed && difference) {
    const [found, expected] = [difference.found, difference.expected].map(
      (text) => (text === "" ? "the end" : `\`${text}\``),
    );
    lines.push(
      `first difference to the canonical form at byte ${difference.offset}: found ${found}, expected ${expected}`,
    );
  }
  return lines;
}

/** As received: names in lower case, one that was sent twice joined as Node does. */
function readHeaders(
  { header, signature }: VerifyFlags,
  { scheme, signs, id }: Signing,
): Record<string, string> {
  const headers = new Map<string, string>();
  for (const line of header) {
    for (const [name, value] of Object.entries(parseHeaders([line]))) {
      const key = name.toLowerCase();
      const before = headers.get(key);
      headers.set(key, before === undefined ? value : `${before}, ${value}`);
    }
  }
  const { signatureHeader, idHeader, timestampHeader } = signs;
  if (signature === undefined && headers.size === 0)
    throw usage(
      `no signature: give --signature VALUE, or --header "${signatureHeader}: VALUE"`,
    );
  const flags: [flag: string, ...(string | undefined)[]][] = [
    ["--signature", signatureHeader, signature],
    ["--id", idHeader, id],
  ];
  for (const [flag, name, value] of flags) {
    if (name === undefined || value === undefined) continue;
    if (headers.has(name.toLowerCase()))
      throw usage(`${flag}: --header gives ${name} already`);
    headers.set(name.toLowerCase(), value);
  }
  // With --header a request is given as it came, and what it lacks is a verdict.
  if (signature === undefined) return Object.fromEntries(headers);
  for (const [flag, name] of [
    ["--id", idHeader],
    ["--header", timestampHeader],
  ] as const) {
    if (name !== undefined && !headers.has(name.toLowerCase()))
      throw usage(
        `${flag}: scheme ${nameOf(scheme)} signs ${name}, so give ${flag === "--id" ? "--id ID or " : ""}--header "${name}: VALUE"`,
      );
  }
  return Object.fromEntries(headers);
}

function usage(message: string): VerbError {
  return new VerbError(EXIT.usage, message);
}
