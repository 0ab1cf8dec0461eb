import { verify } from "../middleware/index.ts";
import type { Scheme } from "../middleware/index.ts";

type Request = Parameters<typeof verify>[2];

/**
 * What a signature fits that does not fit the request: the usual slips with
 * body and secret, each tried. A sentence for each that would have been right;
 * no secret is in it. For the owner of the secret only.
 */
export async function findNearMisses(
  scheme: Scheme,
  secrets: readonly string[],
  request: Request,
): Promise<string[]> {
  const found: string[] = [];
  for (const [body, what] of await otherBodies(Buffer.from(request.body))) {
    if (fits(scheme, secrets, { ...request, body }))
      found.push(`The signature fits the body ${what}.`);
  }
  for (const [other, secret, what] of secrets.flatMap((each) =>
    otherSecrets(scheme, each),
  )) {
    if (fits(other, [secret], request))
      found.push(`The signature fits the secret ${what}.`);
  }
  return [...new Set(found)];
}

function fits(
  scheme: Scheme,
  secrets: readonly string[],
  request: Request,
): boolean {
  try {
    return verify(scheme, secrets, request).ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // a secret that does not decode so
    throw error;
  }
}

async function otherBodies(body: Buffer): Promise<[Buffer, string][]> {
  const text = body.toString("latin1");
  const others: [string, string][] = [
    [text.replace(/\r?\n$/, ""), "without its last line break"],
    [`${text}\n`, "with a line break at its end"],
    [text.replace(/^\xef\xbb\xbf/, ""), "without its byte order mark"],
    [text.replaceAll("\r\n", "\n"), "with line ends of Unix (LF)"],
  ];
  const rewritten = await rewrite(body);
  return [
    ...others.map(([each, what]): [Buffer, string] => [
      Buffer.from(each, "latin1"),
      what,
    ]),
    ...rewritten,
  ].filter(
    ([each], index, all) =>
      !each.equals(body) &&
      all.findIndex(([other]) => other.equals(each)) === index,
  );
}

/** JSON as programs write it that send no white space. */
async function rewrite(body: Buffer): Promise<[Buffer, string][]> {
  const { canonicalJson } = await import("../openapi/index.ts");
  try {
    const value: unknown = JSON.parse(
      body.toString("utf8").replace(/^\ufeff/, ""),
    );
    return [
      [Buffer.from(JSON.stringify(value)), "without white space"],
      [
        Buffer.from(canonicalJson(value)),
        "with sorted keys and without white space",
      ],
    ];
  } catch {
    return []; // no JSON, or too deep to be written: there is no other way to write it
  }
}

function otherSecrets(
  scheme: Scheme,
  secret: string,
): [Scheme, string, string][] {
  if (scheme.algorithm === "ed25519") return [];
  const {
    secretIsBase64,
    secretEncoding = secretIsBase64 ? "base64" : "utf8",
    secretPrefix: prefix = "whsec_",
    ...others
  } = scheme;
  const bare = secret.startsWith(prefix)
    ? secret.slice(prefix.length)
    : undefined;
  const asText: [Scheme, string, string][] = [
    bare === undefined
      ? [others, prefix + secret, `with ${prefix} before it, as text`]
      : [others, bare, `without ${prefix}, as text`],
  ];
  return secretEncoding === "utf8"
    ? [
        ...asText,
        [
          { ...others, secretEncoding: "base64" },
          bare ?? secret,
          "decoded from base64, as Standard Webhooks has it",
        ],
      ]
    : [[others, secret, "as text, all of it"], ...asText];
}
