import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject } from "ajv/dist/2020.js";
import {
  GRAIN_MINUTES,
  MAX_BUFFER_MINUTES,
  MAX_SERVICE_MINUTES,
} from "./business.ts";

/** A business file as people write it; what its texts say is still to be read. */
export interface BusinessFile {
  name: string;
  timezone: string;
  country: string;
  services: {
    name: string;
    minutes: number;
    every?: number;
    buffer_before?: number;
    buffer_after?: number;
  }[];
  resources: { name: string; capacity?: number; services?: string[] }[];
  hours: Record<string, string[]>;
  overrides?: Record<string, string[]>;
  holidays?: string[] | Record<string, string>;
  rules?: {
    notice_minutes?: number;
    horizon_days?: number;
    cancel_cutoff_minutes?: number;
    bookings_per_phone?: number;
  };
}

// Said to callers: not blank, and nothing that could forge a line or turn text around.
const name = {
  type: "string",
  maxLength: 60,
  pattern: "^[^\\p{C}\\p{Zl}\\p{Zp}]*[\\p{L}\\p{N}][^\\p{C}\\p{Zl}\\p{Zp}]*$",
};
const length = {
  type: "integer",
  minimum: GRAIN_MINUTES,
  maximum: MAX_SERVICE_MINUTES,
  multipleOf: GRAIN_MINUTES,
};
const buffer = { ...length, minimum: 0, maximum: MAX_BUFFER_MINUTES };
const ranges = { type: "array", items: { type: "string" } };
const year = 366 * 24 * 60;

function closed(required: string[], properties: object): object {
  return { type: "object", additionalProperties: false, required, properties };
}

const isFile = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  verbose: true,
  // The schema is our own, and its check compiles another one: a fifth of a start.
  meta: false,
  validateSchema: false,
}).compile<BusinessFile>(
  closed(["name", "timezone", "country", "services", "resources", "hours"], {
    name,
    timezone: { type: "string" },
    country: { type: "string" },
    services: {
      type: "array",
      minItems: 1,
      items: closed(["name", "minutes"], {
        name,
        minutes: length,
        every: length,
        buffer_before: buffer,
        buffer_after: buffer,
      }),
    },
    resources: {
      type: "array",
      minItems: 1,
      items: closed(["name"], {
        name,
        capacity: { type: "integer", minimum: 1, maximum: 1000 },
        services: { type: "array", minItems: 1, items: name },
      }),
    },
    hours: { type: "object", additionalProperties: ranges },
    overrides: { type: "object", additionalProperties: ranges },
    holidays: {
      type: ["array", "object"],
      items: { type: "string" },
      additionalProperties: name,
    },
    rules: closed([], {
      notice_minutes: { type: "integer", minimum: 0, maximum: year },
      horizon_days: { type: "integer", minimum: 1, maximum: 3650 },
      cancel_cutoff_minutes: { type: "integer", minimum: 0, maximum: year },
      bookings_per_phone: { type: "integer", minimum: 1 },
    }),
  }),
);

/** The file if it has the right shape, else its faults by path. */
export function checkFile(
  given: unknown,
): { file: BusinessFile } | { faults: string[] } {
  const value = withoutEmpty(given);
  return isFile(value)
    ? { file: value }
    : { faults: (isFile.errors ?? []).map(describe) };
}

/** A section whose entries are all commented out is null in YAML. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return value;
  const optional = ["overrides", "holidays", "rules"];
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, each]) => each !== null || !optional.includes(key),
    ),
  );
}

function describe(error: ErrorObject): string {
  const path =
    error.instancePath.slice(1).replaceAll("~1", "/").replaceAll("~0", "~") ||
    "file";
  const extra: unknown = error.params["additionalProperty"];
  if (typeof extra === "string") return `${path} has an unknown field ${extra}`;
  const missing: unknown = error.params["missingProperty"];
  if (typeof missing === "string") return `${path} lacks ${missing}`;
  const words =
    error.keyword === "pattern"
      ? "must be plain text with a letter or digit"
      : error.message;
  return `${path} ${words ?? "is wrong"}, received ${show(error.data)}`;
}

function show(value: unknown): string {
  const text =
    typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "");
  return text.slice(0, 60);
}
