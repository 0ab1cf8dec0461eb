import type { JsonSchema } from "../types.ts";
import { checkDefinition, toDefinition } from "./anthropic.ts";
import { at, visitSchemas, show } from "./checks/check.ts";
import { isRecord } from "../json.ts";
import { toStrict } from "./schemas/strict.ts";
import { isPlainPattern, measure, strictFaults } from "./checks/strict.ts";
import { notStrict, toFindings } from "./findings.ts";
import type { Target } from "./target.ts";

// https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations (read November 2026)
const FORMATS = [
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
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
  "default",
  "format",
  "pattern",
  "minItems",
]);

// For all strict tools of one request together; from a third party's copy of that page (hex.pm lang_schema 0.7.1).
const MAX_TOOLS = 20;
const MAX_OPTIONAL = 24;
const MAX_UNIONS = 16;

/** Claude's Messages API with `strict: true`; what does not fit in is written without. */
export const anthropicStrict: Target = {
  emit({ tool, name, earlier }) {
    const loose = toDefinition(tool, name, tool.parameters);
    const isFull = earlier.filter(isStrict).length >= MAX_TOOLS;
    if (isFull) {
      return {
        definition: loose,
        findings: [notStrict([`a request takes ${MAX_TOOLS} strict tools`])],
      };
    }
    const strict = toStrict(tool.parameters, {
      keeps,
      nullAsType: false,
      nullMatters: tool.operation.method === "PATCH", // RFC 7396: there null takes a field away
    });
    const definition = {
      ...toDefinition(tool, name, strict.schema),
      strict: true,
    };
    const reasons =
      strict.reasons.length > 0
        ? strict.reasons
        : [
            ...schemaFaults(strict.schema),
            ...requestFaults([...earlier, definition]),
          ];
    return reasons.length > 0
      ? { definition: loose, findings: [notStrict(reasons)] }
      : {
          definition,
          findings: toFindings({ losses: [], limits: strict.limits }),
        };
  },

  check(definition) {
    const strict = isStrict(definition);
    return [
      ...checkDefinition(definition),
      ...(strict ? schemaFaults(at(definition, "input_schema")) : []),
      ...(strict ? requestFaults([definition]) : []),
    ];
  },
};

function keeps(word: string, value: unknown): boolean {
  if (word === "format") return FORMATS.includes(String(value));
  if (word === "pattern") return isPlainPattern(value);
  if (word === "minItems") return value === 0 || value === 1;
  return word === "enum" || word === "default";
}

function schemaFaults(schema: unknown): string[] {
  const faults = strictFaults("input_schema", schema, KEYWORDS);
  if (!isRecord(schema)) return faults;
  if (measure(schema).isRecursive) faults.push("input_schema contains itself");
  visitSchemas(schema, (each, place) => {
    for (const word of ["format", "pattern", "minItems"]) {
      const value = at(each, word);
      if (value !== undefined && !keeps(word, value))
        faults.push(`input_schema${place}: ${word} ${show(value)}`);
    }
  });
  return faults;
}

/** Limits on the strict tools of one request. */
function requestFaults(definitions: readonly object[]): string[] {
  const strict = definitions.filter(isStrict);
  const sizes = strict.map((each) =>
    measure(at(each, "input_schema") as JsonSchema),
  ); // written by this file or checked to be one
  const optional = sizes.reduce((sum, size) => sum + size.optional, 0);
  const unions = sizes.reduce((sum, size) => sum + size.unions, 0);
  return [
    ...(strict.length > MAX_TOOLS
      ? [`a request takes ${MAX_TOOLS} strict tools`]
      : []),
    ...(optional > MAX_OPTIONAL
      ? [
          `a request takes ${MAX_OPTIONAL} optional fields, these are ${optional}`,
        ]
      : []),
    ...(unions > MAX_UNIONS
      ? [
          `a request takes ${MAX_UNIONS} fields with a choice of types, these are ${unions}`,
        ]
      : []),
  ];
}

function isStrict(definition: object): boolean {
  return (
    at(definition, "strict") === true &&
    isRecord(at(definition, "input_schema"))
  );
}
