import { hasBom } from "../bodies/bom.ts";

/** JSON is no form: read as one it would lose "+" and "&". */
export function isForm(body: Uint8Array): boolean {
  const first = body.subarray(hasBom(body) ? 3 : 0).find((byte) => byte > 0x20);
  return first !== OPENING_BRACE && first !== OPENING_BRACKET;
}

const OPENING_BRACE = 0x7b;
const OPENING_BRACKET = 0x5b;

/**
 * Form fields as one message: key and value of each, sorted, a value that
 * repeats only once (https://www.twilio.com/docs/usage/security, read November
 * 2026; twilio-node's `getExpectedTwilioSignature`). Decoded to bytes, never to
 * text: as text `%FF` and a signed U+FFFD would be the same.
 */
export function sortedForm(body: Buffer): Buffer {
  const fields = readFields(body).toSorted(
    (a, b) => a.key.compare(b.key) || a.value.compare(b.value),
  );
  const pieces: Buffer[] = [];
  fields.forEach((field, index) => {
    const before = fields[index - 1];
    const isRepeated =
      before?.key.equals(field.key) && before.value.equals(field.value);
    if (!isRepeated) pieces.push(field.key, field.value);
  });
  return Buffer.concat(pieces);
}

/** Form fields as arguments; one that repeats is a list. */
export function formArguments(body: Buffer): Record<string, unknown> {
  const fields = new Map<string, string | string[]>();
  for (const { key, value } of readFields(body)) {
    const name = key.toString("utf8");
    const known = fields.get(name);
    fields.set(
      name,
      known === undefined
        ? value.toString("utf8")
        : [known, value.toString("utf8")].flat(),
    );
  }
  fields.delete("__proto__");
  return Object.fromEntries(fields);
}

function readFields(body: Buffer): { key: Buffer; value: Buffer }[] {
  // latin1 keeps each byte as one character, whatever it is.
  return body
    .toString("latin1")
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0
        ? { key: decode(pair), value: Buffer.alloc(0) }
        : {
            key: decode(pair.slice(0, equals)),
            value: decode(pair.slice(equals + 1)),
          };
    });
}

/** https://url.spec.whatwg.org/#urlencoded-parsing: a % without two digits stays as it is. */
function decode(text: string): Buffer {
  const decoded = text
    .replaceAll("+", " ")
    .replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return Buffer.from(decoded, "latin1");
}
