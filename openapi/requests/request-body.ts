import { types } from "node:util";
import { parseDataUrl } from "./data-url.ts";
import { RequestError } from "../errors.ts";
import { toForm } from "./form.ts";
import { canonicalJson, isRecord } from "../json.ts";
import {
  chooseType,
  isForm,
  isJson,
  isMultipart,
  isRange,
  isText,
  toSent,
} from "../media-type.ts";
import { toMultipart } from "./multipart.ts";
import { toText } from "./styles.ts";
import type { BodyPlan, Tool } from "../types.ts";

export interface WrittenBody {
  mediaType: string;
  bytes: Uint8Array;
}

/** Writes the body; undefined where none is sent. */
export function toBody(
  tool: Tool,
  args: Record<string, unknown>,
): WrittenBody | undefined {
  const plan = tool.request.body;
  if (!plan) return undefined;
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const values = new Map(given);
  const inputs = tool.inputs.filter(
    (input) => input.in === "body" && values.has(input.key),
  );
  const named = new Set(tool.inputs.map(({ key }) => key));
  const rest = plan.open ? given.filter(([key]) => !named.has(key)) : [];
  if (inputs.length + rest.length === 0 && !plan.required) return undefined;
  const whole = tool.inputs.find(
    (input) => input.in === "body" && input.name === null,
  );
  if (whole) return write(tool.name, plan, whole.key, values.get(whole.key));
  const fields = inputs.map(({ key, name }): [string, unknown] => [
    name as string, // the one with null is the whole
    values.get(key),
  ]);
  const value = Object.fromEntries([...rest, ...fields]);
  return write(tool.name, plan, "body", value);
}

function write(
  toolName: string,
  plan: BodyPlan,
  key: string,
  value: unknown,
): WrittenBody {
  const mediaType = toSent(plan.mediaType);
  const ofText = (text: string) => ({ mediaType, bytes: Buffer.from(text) });
  if (types.isUint8Array(value)) return { mediaType, bytes: value };
  if (isJson(mediaType))
    return ofText(canonicalJson(value === undefined ? {} : value));
  if (isMultipart(mediaType) && isRecord(value)) {
    const { boundary, bytes } = toMultipart(value, plan);
    return { mediaType: withBoundary(mediaType, boundary), bytes };
  }
  if (isForm(mediaType) && isRecord(value))
    return ofText(toForm(value, plan.encoding));
  if (value === undefined)
    throw new RequestError(
      "invalid_arguments",
      `${key}: expected the ${mediaType} body, received nothing`,
    );
  // A type that says nothing of its syntax, with a schema that does.
  if (isRecord(value) && !isText(mediaType))
    return ofText(canonicalJson(value));
  if (isMultipart(mediaType) || typeof value === "object")
    throw new RequestError(
      "unsupported_request",
      `${toolName}: a ${mediaType} body cannot be made of these arguments`,
    );
  return isText(mediaType) || isForm(mediaType)
    ? ofText(toText(value))
    : toBytes(plan, key, toText(value));
}

/** Bytes cannot be given as JSON, so they come as text or as a data URL. */
function toBytes(plan: BodyPlan, key: string, text: string): WrittenBody {
  const { bytes, type } = parseDataUrl(key, text) ?? {
    bytes: Buffer.from(text),
    type: undefined,
  };
  return {
    mediaType: isRange(plan.mediaType)
      ? chooseType(plan.mediaType, type)
      : plan.mediaType,
    bytes,
  };
}

function withBoundary(mediaType: string, boundary: string): string {
  const [type, ...parameters] = mediaType.split(";").map((part) => part.trim());
  const kept = parameters.filter(
    (parameter) => parameter !== "" && !/^boundary\s*=/i.test(parameter),
  );
  return [type, ...kept, `boundary=${boundary}`].join("; ");
}
