import type { Catalog, Tool } from "../../openapi/index.ts";
import { listDeepLosses } from "./depth.ts";
import type { Body, ReadBody } from "./fields.ts";
import type { Read } from "./reader.ts";
import { createFollow } from "./references.ts";

export interface Loss {
  /** `GET /pets` */
  operation: string;
  what: string;
}

/** What the document offers and the tools do not, and what the tools have made up. */
export function compare(reads: Read[], catalog: Catalog): Loss[] {
  const tools = new Map(
    catalog.tools.map((tool) => [
      `${tool.operation.method} ${tool.operation.path}`,
      tool,
    ]),
  );
  const losses = reads.flatMap((read) => {
    const operation = `${read.method} ${read.path}`;
    const tool = tools.get(operation);
    tools.delete(operation);
    const found = tool ? listLosses(read, tool) : ["no tool"];
    return found.map((what) => ({ operation, what }));
  });
  return [
    ...losses,
    ...[...tools.keys()].map((operation) => ({
      operation,
      what: "no operation",
    })),
  ];
}

function listLosses(read: Read, tool: Tool): string[] {
  return [...compareParameters(read, tool), ...compareBody(read, tool)];
}

function compareParameters({ parameters }: Read, tool: Tool): string[] {
  const given = new Set(
    tool.inputs
      .filter((input) => input.in !== "body")
      .map((input) => `${input.in} ${input.name}`),
  );
  const lost = [...parameters]
    .filter(([key, mark]) => mark === "needed" && !given.has(key))
    .map(([key]) => `lost: ${key}`);
  const extra = [...given].flatMap((key) => {
    const mark = parameters.get(key);
    if (mark === undefined) return [`made up: ${key}`];
    return mark === "denied" ? [`a credential is shown: ${key}`] : [];
  });
  return [...lost, ...extra];
}

function compareBody(read: Read, tool: Tool): string[] {
  const inputs = tool.inputs.filter((input) => input.in === "body");
  const plan = tool.request.body;
  if (read.bodies.size === 0)
    return inputs.length > 0 || plan ? ["made up: a body"] : [];
  if (!plan) {
    // OpenAPI 3.0 and RFC 9110, section 9.3: a body has no meaning there.
    const isIgnored = ["GET", "HEAD", "TRACE", "OPTIONS"].includes(read.method);
    return isIgnored || isEmpty(read) ? [] : ["lost: the body"];
  }
  const body =
    read.bodies.get(plan.mediaType) ?? // or a range, such as */*
    read.bodies.get("") ??
    [...read.bodies].find(([type]) => type.includes("*"))?.[1];
  if (!body) return [`made up: the media type ${plan.mediaType}`];
  const whole = inputs.find(({ name }) => name === null);
  if (!whole)
    return [
      ...compareFields(body, inputs, plan.open),
      // Told by name already; and where a list may stand instead of an object, the tool need not offer both.
      ...compareDepth(body, tool).filter(
        (loss) =>
          !body.fields.has(loss.slice("lost: .".length)) &&
          !(body.kind === "mixed" && loss.startsWith("lost: .items.")),
      ),
    ];
  // XML and the like: nothing says how fields are written, so a text is right.
  if (!/json|form|\*/i.test(plan.mediaType) && inputs.length === 1) return [];
  return inputs.length === 1 && !(body.kind === "object" && hasFields(body))
    ? compareDepth(body, tool)
    : ["the body's fields are no arguments of their own"];
}

/** The body as the tool has it, put together again from its arguments. */
function compareDepth(body: ReadBody, tool: Tool): string[] {
  const { parameters } = tool;
  const schemas = (parameters["properties"] ?? {}) as Record<string, unknown>;
  const inputs = tool.inputs.filter((input) => input.in === "body");
  const whole = inputs.find(({ name }) => name === null);
  const value = whole
    ? schemas[whole.key]
    : {
        properties: Object.fromEntries(
          inputs.map(({ key, name }) => [name, schemas[key]]),
        ),
        additionalProperties: parameters["additionalProperties"],
      };
  const follow = createFollow({ file: "", value: parameters });
  return listDeepLosses(
    { places: [body.schema], follow: body.follow },
    { places: [{ file: "", value }], follow },
    body.isBefore31,
  );
}

function compareFields(
  { kind, fields, takesMore }: Body,
  inputs: Tool["inputs"],
  isOpen: boolean,
): string[] {
  const given = new Set(inputs.map(({ name }) => name));
  const lost = [...fields]
    .filter(([name, mark]) => mark === "needed" && !given.has(name))
    .map(([name]) => `lost: body ${name}`);
  const extra = [...given].flatMap((name) => {
    const mark = fields.get(name ?? "");
    if (mark === undefined) return [`made up: body ${name}`];
    return mark === "denied" ? [`read-only: body ${name}`] : [];
  });
  // Nothing is said of its fields, so it must be possible to send any.
  const isShut =
    fields.size === 0 && !isOpen && (kind !== "object" || takesMore);
  return [...lost, ...extra, ...(isShut ? ["lost: the body"] : [])];
}

function hasFields({ fields }: Body): boolean {
  return [...fields.values()].includes("needed");
}

function isEmpty({ bodies }: Read): boolean {
  return [...bodies.values()].every(
    (body) => body.kind === "object" && !hasFields(body) && !body.takesMore,
  );
}
