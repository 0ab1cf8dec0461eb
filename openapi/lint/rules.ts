import { sizeOf } from "../budget/trim.ts";
import { listWords } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { findSimilarArguments, findSimilarTools } from "./names.ts";
import { findUnspeakable } from "./speech.ts";
import { findUseless } from "./words.ts";
import { asNames, listPlaces } from "../schemas/places.ts";
import { escapePart } from "../documents/pointer.ts";
import type { Catalog, Diagnostic, Tool } from "../types.ts";

const MOST_REQUIRED = 6; // what a person keeps in mind while they are asked
const MOST_LEVELS = 3;
const VOICE_TOOL = 2000; // the voice profile's bound
const ANY_TOOL = 30_000;
const MOST_TOOLS = 40; // Cursor stops near 40 tools, VS Code at 128 (gridctl/gridctl#1115)

/** Every rule that judges a tool by itself. */
const RULES: ((tool: Tool) => Finding[])[] = [
  findUseless,
  findTooManyRequired,
  findSimilarArguments,
  findUnspeakable,
  findDeep,
  findOversized,
];

/**
 * What makes a catalog's tools hard to choose, to fill or to say. Pure: the
 * pointers lead to the operations, where in the files those are is not known here.
 */
export function listFindings(catalog: Catalog): Diagnostic[] {
  const { tools } = catalog;
  const similar = findSimilarTools(tools);
  const findings = tools.flatMap((tool) =>
    [...RULES.flatMap((rule) => rule(tool)), ...(similar.get(tool) ?? [])].map(
      (finding) => toDiagnostic(tool, finding),
    ),
  );
  if (tools.length === 0)
    return [
      {
        rule: "no-tools",
        severity: "error",
        message: "no operation becomes a tool",
        pointer: "/paths",
      },
    ];
  return tools.length <= MOST_TOOLS
    ? findings
    : [
        {
          rule: "too-many-tools",
          severity: "info",
          message: `${tools.length} tools in one catalog: models choose badly beyond about ${MOST_TOOLS} (Cursor's bound; VS Code's is 128); include fewer operations or tags`,
          pointer: "/paths",
        },
        ...findings,
      ];
}

function toDiagnostic(tool: Tool, finding: Finding): Diagnostic {
  const { method, path } = tool.operation;
  return {
    ...finding,
    message: `${tool.name}: ${finding.message}`,
    pointer: `/paths/${escapePart(path)}/${method.toLowerCase()}`,
    operation: `${method} ${path}`,
  };
}

function findTooManyRequired(tool: Tool): Finding[] {
  const required = listPlaces(tool.parameters, (holder, key) =>
    asNames(holder["required"]).includes(key),
  ).filter(({ schema, depth }) => depth > 0 && isLeaf(schema));
  const paths = [...new Set(required.map(({ path }) => path))];
  if (paths.length <= MOST_REQUIRED) return [];
  return [
    {
      rule: "too-many-required",
      severity: "warning",
      message: `${paths.length} required fields (${listWords(paths)}): a caller has to say them all; require at most ${MOST_REQUIRED}, look the others up or give them defaults`,
    },
  ];
}

/** What a caller says a value for, not what only holds other fields. */
function isLeaf(schema: Tool["parameters"]): boolean {
  return !["properties", "items", "$ref", "allOf", "anyOf", "oneOf"].some(
    (word) => schema[word] !== undefined,
  );
}

function findDeep(tool: Tool): Finding[] {
  const deepest = listPlaces(tool.parameters).at(-1);
  if (deepest === undefined || deepest.depth <= MOST_LEVELS) return [];
  return [
    {
      rule: "deep-nesting",
      severity: "warning",
      message: `fields ${deepest.depth} levels deep (${deepest.path}): nobody fills that by voice; make them arguments of their own or leave the branch out`,
    },
  ];
}

function findOversized(tool: Tool): Finding[] {
  const size = sizeOf(tool);
  if (size <= VOICE_TOOL) return [];
  const figure = `${size.toLocaleString("en-US")} characters`;
  return [
    {
      rule: "oversized-tool",
      severity: "warning",
      message:
        size > ANY_TOOL
          ? `${figure}, more than any model should read for one tool; leave optional fields out, or compile with a budget`
          : `${figure}, more than the ${VOICE_TOOL.toLocaleString("en-US")} of a voice agent's tool; shorten descriptions, or compile with the voice profile`,
    },
  ];
}
