import { isForm, sortedForm } from "./form.ts";

/** The values that a payload can be made of. */
export type PayloadName =
  "body" | "timestamp" | "id" | "method" | "url" | "form";

/** A piece of the signed message: fixed bytes, or a value's place. */
export type PayloadPart = { bytes: Buffer } | { name: PayloadName };

export interface PayloadValues {
  body: Buffer;
  timestamp?: string | undefined;
  id?: string | undefined;
  method?: string | undefined;
  url?: string | undefined;
  /** The URL covers the body by its digest, so there are no form fields. */
  isDigested?: boolean;
}

const PLACEHOLDERS = new Map<string, PayloadName>([
  ["body", "body"],
  ["timestamp", "timestamp"],
  ["id", "id"],
  ["svix-id", "id"], // as Vapi writes it
  ["method", "method"],
  ["url", "url"],
  ["form", "form"],
]);

/** @throws TypeError for a placeholder that nothing fills */
export function parsePayload(format: string): PayloadPart[] {
  return format
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== "")
    .map((piece) => {
      if (!/[{}]/.test(piece)) return { bytes: Buffer.from(piece, "latin1") };
      const name = PLACEHOLDERS.get(piece.slice(1, -1));
      if (name !== undefined) return { name };
      throw new TypeError(
        `scheme.payloadFormat: unknown placeholder ${piece}; known are ${[...PLACEHOLDERS.keys()].map((each) => `{${each}}`).join(", ")}`,
      );
    });
}

/**
 * Writes the signed message piece by piece, as bytes: text templates would
 * trip over `$&` in a body, and over bytes that are no UTF-8.
 */
export function writePayload(
  parts: readonly PayloadPart[],
  values: PayloadValues,
  target: { update: (bytes: Buffer | string) => unknown },
): void {
  for (const part of parts) {
    if ("bytes" in part) target.update(part.bytes);
    else if (part.name === "body") target.update(values.body);
    else if (part.name !== "form") target.update(values[part.name] ?? "");
    else if (!values.isDigested)
      target.update(
        isForm(values.body) ? sortedForm(values.body) : values.body,
      );
  }
}
