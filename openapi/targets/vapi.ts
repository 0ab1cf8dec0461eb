import {
  at,
  fieldFaults,
  headerFaults,
  oneOfFaults,
  urlFaults,
} from "./checks/check.ts";
import { functionFaults, toFunctionText } from "./openai.ts";
import { needsGateway, toGateway } from "./route.ts";
import type { Target } from "./target.ts";

/**
 * Vapi's function tools: https://docs.vapi.ai/tools/custom-tools (read November
 * 2026). It always posts a message of its own, with the arguments somewhere
 * inside, which no API reads: only a gateway can take it.
 */
export const vapi: Target = {
  emit({ tool, name, options }) {
    if (options.gateway === undefined)
      return needsGateway("Vapi", "its own message, which the API cannot read");
    const { description, findings } = toFunctionText(tool.description);
    const definition = {
      type: "function",
      function: { name, description, parameters: tool.parameters },
      server: {
        url: toGateway(tool, options.gateway).url,
        ...(options.headers === undefined
          ? {}
          : { headers: { ...options.headers } }),
      },
      async: false,
    };
    return { definition, findings };
  },

  check(definition) {
    const server = at(definition, "server");
    return [
      ...fieldFaults("the tool", definition, [
        "type",
        "function",
        "server",
        "async",
        "messages",
      ]),
      ...oneOfFaults("type", at(definition, "type"), ["function"]),
      ...functionFaults(at(definition, "function"), []), // "OpenAI's function": name up to 64
      ...fieldFaults("server", server, [
        "url",
        "headers",
        "timeoutSeconds",
        "credentialId",
        "secret",
        "backoffPlan",
      ]),
      ...urlFaults("server.url", at(server, "url")),
      ...headerFaults(at(server, "headers") ?? {}),
      ...oneOfFaults("async", at(definition, "async"), [
        undefined,
        true,
        false,
      ]),
    ];
  },
};
