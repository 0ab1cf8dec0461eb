import { isRecord } from "../json.ts";
import {
  at,
  fieldFaults,
  oneOfFaults,
  visitSchemas,
  show,
} from "./checks/check.ts";
import { notStrict, toFindings } from "./findings.ts";
import { functionFaults, toFunctionText } from "./openai.ts";
import { toStrict } from "./schemas/strict.ts";
import { isPlainPattern, measure, strictFaults } from "./checks/strict.ts";
import type { Target } from "./target.ts";

// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas (a copy, read November 2026)
const FORMATS = [
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
];
const LIMITS = [
  "multipleOf",
  "maximum",
  "exclusiveMaximum",
  "minimum",
  "exclusiveMinimum",
  "minItems",
  "maxItems",
];
const KEYWORDS: ReadonlySet<string> = new Set([
  "type",
  "description",
  "title",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "enum",
  "const",
  "$ref",
  "$defs",
  "pattern",
  "format",
  ...LIMITS,
]);
const MOST = {
  properties: 5000,
  levels: 10,
  enumValues: 1000,
  characters: 120_000,
  longEnum: 15_000,
};

/** OpenAI's Chat Completions API with `strict: true`; what has no strict form says `strict: false`. */
export const openaiStrict: Target = {
  emit({ tool, name }) {
    const { description, findings } = toFunctionText(tool.description);
    const strict = toStrict(tool.parameters, {
      keeps,
      nullAsType: true,
      nullMatters: tool.operation.method === "PATCH", // RFC 7396: there null takes a field away
    });
    const reasons =
      strict.reasons.length > 0 ? strict.reasons : schemaFaults(strict.schema);
    const isStrict = reasons.length === 0;
    return {
      definition: {
        type: "function",
        function: {
          name,
          description,
          parameters: isStrict ? strict.schema : tool.parameters,
          strict: isStrict,
        },
      },
      findings: [
        ...findings,
        ...(isStrict
          ? toFindings({ losses: [], limits: strict.limits })
          : [notStrict(reasons)]),
      ],
    };
  },

  check(definition) {
    const called = at(definition, "function");
    return [
      ...fieldFaults("the tool", definition, ["type", "function"]),
      ...oneOfFaults("type", at(definition, "type"), ["function"]),
      ...functionFaults(called, []),
      ...(at(called, "strict") === true
        ? schemaFaults(at(called, "parameters"))
        : []),
    ];
  },
};

function keeps(word: string, value: unknown): boolean {
  if (word === "format") return FORMATS.includes(String(value));
  if (word === "pattern") return isPlainPattern(value);
  return word === "enum" || LIMITS.includes(word);
}

function schemaFaults(schema: unknown): string[] {
  const faults = strictFaults("parameters", schema, KEYWORDS);
  if (!isRecord(schema)) return faults;
  const size = measure(schema);
  for (const [what, most] of Object.entries(MOST)) {
    const count = size[what as keyof typeof MOST]; // a key of the object above
    if (count > most) faults.push(`${what} ${count} is above ${most}`);
  }
  visitSchemas(schema, (each, place) => {
    for (const word of ["format", "pattern"]) {
      const value = at(each, word);
      if (value !== undefined && !keeps(word, value))
        faults.push(`parameters${place}: ${word} ${show(value)}`);
    }
  });
  return faults;
}
