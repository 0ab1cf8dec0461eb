import { randomUUID } from "node:crypto";
import { sign as signBody } from "../middleware/index.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";
import { readBody, readSigning } from "./signing.ts";
import type { SigningFlags } from "./signing.ts";

/** `sign [FILE]`: prints the headers to send with exactly these bytes. */
export async function sign(
  io: Io,
  file: string | undefined,
  flags: SigningFlags,
): Promise<number> {
  const {
    scheme,
    secrets,
    id = `msg_${randomUUID()}`,
    ...signed
  } = await readSigning(io, "sign", flags);
  const request = { ...signed, id, body: await readBody(io, file) };
  let headers: Record<string, string>;
  try {
    headers = signBody(scheme, secrets[0], request);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    // All else is checked by now; the URL's digest of the body may be another body's.
    throw new VerbError(EXIT.usage, `--url: ${cause.message}`, { cause });
  }
  if (flags.json) printJson(io, { headers });
  else
    for (const [name, value] of Object.entries(headers))
      io.stdout.write(`${name}: ${value}\n`);
  return EXIT.ok;
}
