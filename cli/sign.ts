import { sign as signBody } from "../middleware/index.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";
import { readBody, readSecrets } from "./signing.ts";
import type { SigningFlags } from "./signing.ts";

/** `sign [FILE]`: prints the headers to send with exactly these bytes. */
export async function sign(
  io: Io,
  file: string | undefined,
  flags: SigningFlags & { json?: boolean },
): Promise<number> {
  const { scheme, secrets } = await readSecrets(io, flags);
  const headers = signBody(scheme, secrets[0], {
    body: await readBody(io, file),
  });
  if (flags.json) printJson(io, { headers });
  else
    for (const [name, value] of Object.entries(headers))
      io.stdout.write(`${name}: ${value}\n`);
  return 0;
}
