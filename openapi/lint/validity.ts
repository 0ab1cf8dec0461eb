import type { OpenAPI } from "openapi-types";
import { isRecord } from "../json.ts";
import type { Diagnostic } from "../types.ts";

const MOST_FAULTS = 10; // one slip makes many: each branch of a choice says why it is not the one

/**
 * Whether the document is valid OpenAPI, as swagger-parser judges 2.0, 3.0 and
 * 3.1. Other files are read where it refers to them, the network never.
 * @param document  what was read from the source
 */
export async function validate(
  source: string | URL | object,
  document: object,
): Promise<Diagnostic[]> {
  const file = typeof source === "string" ? { file: source } : {};
  if (typeof source === "string" && /^https?:/i.test(source))
    return [
      {
        ...notValidated("only a file is; the network is not read twice"),
        ...file,
      },
    ];
  // Loaded only here: it costs more than the rest of the compiler.
  const { default: SwaggerParser } =
    await import("@apidevtools/swagger-parser");
  const options = { resolve: { http: false } } as const;
  try {
    // It writes into what it is given, and its own reader knows no merge keys.
    const copy = structuredClone(document) as OpenAPI.Document;
    if (typeof source === "string")
      await SwaggerParser.validate(source, copy, options);
    else await SwaggerParser.validate(copy, options);
    return [];
  } catch (error) {
    return listFaults(error).map((fault) => ({ ...fault, ...file }));
  }
}

function listFaults(error: unknown): Diagnostic[] {
  const message = error instanceof Error ? error.message : String(error);
  if (/Unsupported OpenAPI version: 3\.[0-2]/.test(message))
    return [notValidated("its validator does not know this version yet")];
  if (/\$ref pointer "https?:/.test(message))
    return [notValidated("it refers to the network, which is not read")];
  const details =
    isRecord(error) && Array.isArray(error["details"]) ? error["details"] : [];
  const faults = details.filter(isRecord).map((detail) => ({
    pointer: textOf(detail["instancePath"]),
    message: textOf(detail["message"]),
  }));
  if (faults.length === 0) return [invalid(message, "")];
  const shown = faults
    .slice(0, MOST_FAULTS)
    .map((fault) => invalid(fault.message, fault.pointer));
  const rest = faults.length - shown.length;
  return rest === 0
    ? shown
    : [...shown, invalid(`and ${rest} more faults of its form`, "")];
}

function invalid(message: string, pointer: string): Diagnostic {
  return {
    rule: "invalid-document",
    severity: "error",
    message: `no valid OpenAPI: ${message}`,
    pointer,
  };
}

function notValidated(why: string): Diagnostic {
  return {
    rule: "not-validated",
    severity: "info",
    message: `whether the document is valid OpenAPI was not judged: ${why}`,
    pointer: "",
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
