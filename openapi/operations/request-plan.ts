import type { RawOperation } from "../dialects/dialect.ts";
import type { BodyPlan, RequestPlan, ToolInput } from "../types.ts";
import type { BodyFields } from "./body.ts";
import type { Context } from "./context.ts";
import type { listArguments } from "./parameters.ts";
import { readSecurity } from "./security.ts";

/** All that `toHttpRequest` needs beside the arguments. */
export function toRequestPlan(
  operation: RawOperation,
  { parameters, credentials }: ReturnType<typeof listArguments>,
  body: BodyFields,
  inputs: ToolInput[],
  context: Context,
): RequestPlan {
  const { dialect, server, schemes } = context;
  const plan = toBodyPlan(body, inputs);
  return {
    servers:
      server === undefined ? dialect.readServers(operation, context) : [server],
    parameters: parameters.map(({ name, in: place, wire }, index) => ({
      key: (inputs[index] as ToolInput).key,
      in: place,
      name,
      ...wire,
    })),
    ...(plan === undefined ? {} : { body: plan }),
    ...readSecurity(
      operation.object["security"] ?? context.documents.root["security"],
      schemes,
      credentials,
    ),
  };
}

function toBodyPlan(
  { mediaType, required, rest, needs, fields, encoding, files }: BodyFields,
  inputs: ToolInput[],
): BodyPlan | undefined {
  if (mediaType === undefined) return undefined;
  const keyOf = (name: string) =>
    inputs.find((input) => input.in === "body" && input.name === name)?.key;
  const known = fields.flatMap(({ name }): [string, object][] => {
    const own = name === null ? undefined : encoding.get(name);
    return name !== null && own ? [[name, own]] : [];
  });
  return {
    mediaType,
    required,
    open: rest !== undefined && rest.value !== false,
    ...(needs.length > 0
      ? { needs: needs.flatMap((name) => keyOf(name) ?? []) }
      : {}),
    ...(known.length > 0 ? { encoding: Object.fromEntries(known) } : {}),
    ...(files.length > 0 ? { files } : {}),
  };
}
