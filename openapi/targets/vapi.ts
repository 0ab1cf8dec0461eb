import {
  at,
  fieldFaults,
  headerFaults,
  oneOfFaults,
  urlFaults,
} from "./checks/check.ts";
import { functionFaults, toFunctionText } from "./openai.ts";
import { toRoute } from "./route.ts";
import type { Finding, Target } from "./target.ts";

const OWN_MESSAGE: Finding = {
  rule: "vapi-message",
  severity: "info",
  message:
    "Vapi posts the arguments inside a message of its own, which the server has to read; a gateway does",
};

/**
 * Vapi's function tools: https://docs.vapi.ai/tools/custom-tools (read November
 * 2026). It always posts a message of its own, with the arguments somewhere
 * inside: a server that is called directly has to read that, as the gateway does.
 */
export const vapi: Target = {
  emit({ tool, name, options }) {
    const route = toRoute(tool, options, "Vapi", ["POST"]);
    if ("rule" in route) return route;
    const { description, findings } = toFunctionText(tool.description);
    const definition = {
      type: "function",
      function: { name, description, parameters: tool.parameters },
      server: {
        url: route.url,
        ...(options.headers === undefined
          ? {}
          : { headers: { ...options.headers } }),
      },
      async: false,
    };
    return {
      definition,
      findings:
        options.gateway === undefined ? [...findings, OWN_MESSAGE] : findings,
    };
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
