import { createHash } from "node:crypto";
import { schemes, verify as verifyBody } from "../middleware/index.ts";
import { parseHeaders } from "./flags.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";
import { readBody, readSecrets } from "./signing.ts";
import type { SigningFlags } from "./signing.ts";

/** `verify [FILE]`: says whether one of the secrets signed exactly these bytes, and if not, what was hashed. */
export async function verify(
  io: Io,
  file: string | undefined,
  flags: SigningFlags & {
    header: string[];
    signature?: string;
    json?: boolean;
  },
): Promise<number> {
  const { scheme, secrets } = await readSecrets(io, flags);
  const name = schemes[scheme]?.header ?? "";
  const headers = {
    ...parseHeaders(flags.header),
    ...(flags.signature === undefined ? {} : { [name]: flags.signature }),
  };
  if (Object.keys(headers).length === 0) {
    throw new VerbError(
      EXIT.usage,
      `no signature: give --signature VALUE, or --header "${name}: VALUE"`,
    );
  }
  const body = await readBody(io, file);
  const verdict = verifyBody(scheme, secrets, { headers, body });
  const hashed = {
    bytes: body.length,
    sha256: createHash("sha256").update(body).digest("hex"),
  };
  if (flags.json) {
    printJson(io, { ...verdict, hashed });
  } else if (verdict.ok) {
    io.stdout.write(`verified with secret ${verdict.key}\n`);
  } else {
    io.stdout.write(`refused: ${verdict.reason}\n`);
    io.stderr.write(`hashed ${hashed.bytes} bytes, sha256 ${hashed.sha256}\n`);
    if (body.at(-1) === 0x0a)
      io.stderr.write("The body ends with a line break; was that sent too?\n");
  }
  return verdict.ok ? EXIT.ok : EXIT.signature;
}
