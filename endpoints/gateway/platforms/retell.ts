import { isRecord, readArguments, toText } from "./platform.ts";
import type { Platform } from "./platform.ts";

/**
 * Retell's custom functions: `{name, args, call: {call_id}}`, or the bare
 * arguments where `args_at_root` is set. The answer is any JSON.
 * https://docs.retellai.com/build/single-multi-prompt/custom-function (read November 2026)
 *
 * The shape decides: a tool whose own arguments are a text `name` beside `args`
 * or an object `call`, or two objects `args` and `call`, is read as the wrapped
 * form.
 */
export const retell: Platform = {
  maxBodyBytes: 1024 * 1024, // `call` holds the transcript so far
  read(body, name) {
    const fields = isRecord(body) ? body : {};
    const { args } = fields;
    const call = isRecord(fields["call"]) ? fields["call"] : undefined;
    const named = toText(fields["name"]);
    const isWrapped =
      named === undefined
        ? isRecord(args) && call !== undefined
        : args !== undefined || call !== undefined;
    const callId = isWrapped ? toText(call?.["call_id"]) : undefined;
    return {
      ...(callId === undefined ? {} : { callId }),
      calls: [
        {
          name: (isWrapped ? named : undefined) ?? name ?? "",
          arguments: isWrapped ? readArguments(args) : body,
        },
      ],
      reply: ([answer]) => answer ?? {},
    };
  },
};
