import { verify } from "../../middleware/index.ts";
import type { HeaderSource, Secrets } from "../../middleware/index.ts";
import { createRandom } from "../support/random-call.ts";
import { pick } from "./bytes.ts";
import { mutations } from "./signature-mutations.ts";
import { isGenuine, rules } from "./signature-oracle.ts";
import type { SentRequest } from "./signature-oracle.ts";
import {
  isPublicKeyScheme,
  sampleRequest,
  schemeNames,
  schemeOf,
} from "./signature-samples.ts";

export interface FuzzResult {
  /** Altered requests that were judged. */
  altered: number;
  /** Good requests that were judged, respelled ones included. */
  good: number;
  /** What was accepted or refused wrongly, or thrown at. */
  wrong: string[];
}

const PER_SAMPLE = 25;

/**
 * Changes signed requests of every shipped scheme, and of one of our own that
 * signs method and URL: none may be accepted. Good ones, also respelled in ways
 * that change nothing signed, must be. What a change left valid (the oracle
 * says so: the same digest under another scheme's header) is not counted.
 * @param rounds  altered requests in all; the ed25519 schemes get a tenth of a share, because they take a tenth of a millisecond each
 */
export function fuzzSignatures(rounds: number): FuzzResult {
  const random = createRandom(1);
  const slow = schemeNames.filter(isPublicKeyScheme);
  const shares = schemeNames.length - slow.length * 0.9;
  const result: FuzzResult = { altered: 0, good: 0, wrong: [] };
  for (const name of schemeNames) {
    const share = (rounds / shares) * (slow.includes(name) ? 0.1 : 1);
    fuzzScheme(name, Math.ceil(share), random, result);
  }
  return result;
}

function fuzzScheme(
  name: string,
  rounds: number,
  random: () => number,
  result: FuzzResult,
): void {
  const others = new Map<string, SentRequest>();
  const end = result.altered + rounds;
  while (result.altered < end) {
    const sample = sampleRequest(name, random);
    for (const { what, request, headers, secrets } of goodOnes(name, sample)) {
      result.good++;
      const said = judge(name, request, headers, secrets);
      if (said !== "accepted")
        result.wrong.push(`${name}: ${what} ${said}: ${show(request)}`);
    }
    const otherName = pick(random, schemeNames);
    const other = others.get(otherName) ?? sampleRequest(otherName, random);
    // A fresh one now and then; making each anew would take most of the time.
    others.set(otherName, other);
    for (let round = 0; round < PER_SAMPLE && result.altered < end; round++) {
      const altered = pick(random, mutations)(sample, {
        name,
        random,
        other: { name: otherName, request: other },
      });
      const said = judge(name, altered);
      const isUnchanged =
        said === "accepted" &&
        isGenuine(name, altered) &&
        isBodySigned(name, altered, [sample, other]);
      if (isUnchanged) continue;
      result.altered++;
      if (said !== "refused")
        result.wrong.push(`${name}: altered ${said}: ${show(altered)}`);
    }
  }
}

/** Twilio's fields may be sent in any order and as often as one likes; elsewhere the bytes are what was signed. */
function isBodySigned(
  name: string,
  { body }: SentRequest,
  signed: SentRequest[],
): boolean {
  return (
    name === "twilio" || signed.some((request) => request.body.equals(body))
  );
}

interface GoodOne {
  what: string;
  request: SentRequest;
  headers?: HeaderSource;
  secrets?: Secrets;
}

/** Spellings of a good request that change nothing signed. */
function goodOnes(name: string, request: SentRequest): GoodOne[] {
  const rule = rules[name];
  const { headers, secret } = request;
  const header = rule?.header ?? "";
  const value = headers[header] ?? "";
  const shift = (seconds: number): SentRequest => ({
    ...request,
    now: new Date(request.now.getTime() + seconds * 1000),
  });
  const resent = (text: string): SentRequest => ({
    ...request,
    headers: { ...headers, [header]: text },
  });
  const found: GoodOne[] = [
    { what: "as signed", request },
    { what: "a fetch Headers", request, headers: new Headers(headers) },
    { what: "a second secret", request, secrets: { old: secret, new: secret } },
    { what: "a late one", request: shift(rule?.window?.pastSeconds ?? 1e6) },
    { what: "an early one", request: shift(rule?.window ? -299 : -1e6) },
  ];
  if (/^v1a?,/.test(value))
    found.push({
      what: "an older signature beside",
      request: resent(`v0,abc ${value.replace(/,./, ",A")} ${value}`),
    });
  if (/,v[01]=/.test(value))
    found.push({
      what: "an older signature beside",
      request: resent(
        `${value.replace(/(,v\d=)(.*)/, `$1${"0".repeat(64)}$1$2`)}`,
      ),
    });
  if (name === "twilio") {
    const bare = {
      ...request,
      url: request.url.replace("example", "example:443"),
    };
    found.push({ what: "a default port", request: bare });
    if (!request.url.includes("bodySHA256")) {
      const fields = request.body.toString("latin1").split("&");
      const body = Buffer.from(
        [...fields.toReversed(), fields[0]].join("&"),
        "latin1",
      );
      found.push({ what: "another order", request: { ...request, body } });
    }
  }
  return found;
}

function judge(
  name: string,
  { secret, ...request }: SentRequest,
  headers: HeaderSource = request.headers,
  secrets: Secrets = secret,
): "accepted" | "refused" | `threw ${string}` {
  try {
    const verdict = verify(schemeOf(name), secrets, { ...request, headers });
    return verdict.ok ? "accepted" : "refused";
  } catch (error) {
    // What is no secret is the program's fault, and told so.
    return error instanceof TypeError && /^(secret|key) "/.test(error.message)
      ? "refused"
      : `threw ${String(error)}`;
  }
}

function show({ body, ...rest }: SentRequest): string {
  return JSON.stringify({ ...rest, body: body.toString("base64") });
}
