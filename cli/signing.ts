import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { DateTime } from "luxon";
import { parseScheme, readSignedPlaces, schemes } from "../middleware/index.ts";
import type { Scheme, SignedPlaces } from "../middleware/index.ts";
import { parseConfig, readEnvironment } from "./config.ts";
import { EXIT, readAll, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { findSecretFaults } from "./signing-faults.ts";
import { suggest } from "./suggest.ts";

/** Flags that `sign` and `verify` have in common. */
export interface SigningFlags {
  scheme?: string;
  url?: string;
  method?: string;
  id?: string;
  now?: string;
  secretFile?: string;
  /** Of `verify`: lines as received. */
  header?: string[];
  /** Only there to be refused. */
  secret?: string | boolean;
  json?: boolean;
}

/** All that a signature needs besides the body, checked. */
export interface Signing {
  scheme: Scheme;
  secrets: [string, ...string[]];
  signs: SignedPlaces;
  now: Date;
  method: string;
  url?: string;
  id?: string;
}

/**
 * Reads flags, secrets and scheme. Secrets come from TOOL_SECRETS or a file,
 * never from the command line, which others can list.
 * @throws VerbError that names the flag or variable
 */
export async function readSigning(
  io: Io,
  verb: "sign" | "verify",
  flags: SigningFlags,
): Promise<Signing> {
  if (flags.secret !== undefined)
    throw usage(
      "--secret: the command line is seen by other users of this machine and kept by the shell; set TOOL_SECRETS, or give --secret-file FILE",
    );
  if (flags.id !== undefined && !/^[\x21-\x7e]{1,256}$/.test(flags.id))
    throw usage("--id: expected 1 to 256 visible ASCII characters");
  if (flags.method !== undefined && !/^[A-Za-z]{1,20}$/.test(flags.method))
    throw usage(
      `--method: expected a method such as POST, received "${flags.method}"`,
    );
  if (
    flags.url !== undefined &&
    !(/^(https?|wss?):\/\/[^/]/.test(flags.url) && URL.canParse(flags.url))
  )
    throw usage(
      `--url: expected an http, https, ws or wss URL, received "${flags.url}"`,
    );
  const now = flags.now === undefined ? new Date() : parseNow(flags.now);
  const scheme = await readScheme(io, flags);
  if (verb === "sign" && scheme.algorithm === "ed25519")
    throw usage(
      `--scheme: ${nameOf(scheme)} signs with a private key, which is not shared: it can only be verified`,
    );
  const secrets = await readSecrets(io, flags, scheme);
  const signs = readSignedPlaces(scheme);
  if (signs.url && flags.url === undefined)
    throw usage(`--url: scheme ${nameOf(scheme)} signs the URL, so give it`);
  return {
    scheme,
    secrets,
    signs,
    now,
    method: flags.method?.toUpperCase() ?? "POST",
    ...(flags.url === undefined ? {} : { url: flags.url }),
    ...(flags.id === undefined ? {} : { id: flags.id }),
  };
}

function headerOf(scheme: string): string {
  return readSignedPlaces(scheme).signatureHeader.toLowerCase();
}

export function nameOf(scheme: Scheme): string {
  return scheme.name ?? "custom";
}

/** The exact bytes of a file, or of stdin; a terminal is not waited for. */
export async function readBody(
  io: Io,
  file: string | undefined,
): Promise<Buffer> {
  if (file !== undefined && file !== "-") return readFileOf(io, file);
  if ("isTTY" in io.stdin && io.stdin.isTTY === true)
    throw usage("no body: give a file, or pipe the body to stdin");
  return readAll(io.stdin);
}

async function readSecrets(
  io: Io,
  { secretFile }: SigningFlags,
  scheme: Scheme,
): Promise<[string, ...string[]]> {
  const [first, ...others] =
    secretFile === undefined
      ? readConfig(io, { TOOL_SCHEME: "" }).toolSecrets
      : [await readSecretFile(io, secretFile)];
  if (first === undefined)
    throw usage("no secret: set TOOL_SECRETS, or give --secret-file");
  const secrets: [string, ...string[]] = [first, ...others];
  const [fault] = findSecretFaults([scheme], secrets, "signs");
  if (fault === undefined) return secrets;
  const source =
    secretFile === undefined ? "TOOL_SECRETS" : `--secret-file ${secretFile}`;
  throw usage(`${source}: ${fault}`);
}

async function readScheme(
  io: Io,
  { scheme: given, header = [] }: SigningFlags,
): Promise<Scheme> {
  const headerNames = header.map((line) =>
    (line.split(":", 1)[0] ?? "").trim().toLowerCase(),
  );
  if (given === undefined) {
    const names = readConfig(io, { TOOL_SECRETS: "" }).toolSchemes;
    const [first = ""] = names;
    // As in the middleware, of a list the one whose header is there.
    const name =
      names.find((each) => headerNames.includes(headerOf(each))) ?? first;
    return schemes[name] as Scheme; // parseConfig knows only these
  }
  if (Object.hasOwn(schemes, given)) return schemes[given] as Scheme;
  if (!/[./\\]/.test(given)) {
    const meant = suggest(given, Object.keys(schemes));
    throw usage(
      `--scheme: expected a .json file or one of ${Object.keys(schemes).join(", ")}, received "${given}"${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
  const text = (await readFileOf(io, given)).toString("utf8");
  try {
    return parseScheme(JSON.parse(text.replace(/^\ufeff/, "")));
  } catch (error) {
    if (error instanceof TypeError)
      throw usage(`--scheme ${given}: ${error.message}`);
    // The parser's own words quote the file, and a pasted plan has a secret in it.
    throw new VerbError(EXIT.input, `--scheme ${given} is no JSON`);
  }
}

/** Each of the two is asked for on its own, so that a flag in its place also silences its faults. */
function readConfig(io: Io, without: Record<string, string>) {
  return parseConfig(readEnvironment(io, without));
}

/** An instant with its offset, or seconds since 1970. */
function parseNow(text: string): Date {
  // Up to 1e11, the year 5138: what is larger was meant as milliseconds.
  if (/^\d{1,11}$/.test(text)) return new Date(Number(text) * 1000);
  const instant = DateTime.fromISO(text, { zone: "utc" });
  const hasOffset = /T.*(Z|[+-]\d\d(:?\d\d)?)$/i.test(text);
  if (instant.isValid && hasOffset && instant.toMillis() >= 0)
    return instant.toJSDate();
  throw usage(
    `--now: expected 2026-11-21T09:30:00Z or seconds since 1970, received "${text}"`,
  );
}

async function readSecretFile(io: Io, file: string): Promise<string> {
  const bytes = await readFileOf(io, file);
  if (!isUtf8(bytes)) throw usage(`--secret-file ${file} is no UTF-8 text`);
  const text = bytes
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .replace(/\r?\n$/, "");
  if (text.trim() === "") throw usage(`--secret-file ${file} is empty`);
  if (text !== text.trim())
    throw usage(`--secret-file ${file} begins or ends with white space`);
  return text;
}

async function readFileOf(io: Io, file: string): Promise<Buffer> {
  try {
    return await readFile(resolve(io.cwd, file));
  } catch (cause) {
    throw new VerbError(
      EXIT.input,
      `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function usage(message: string): VerbError {
  return new VerbError(EXIT.usage, message);
}
