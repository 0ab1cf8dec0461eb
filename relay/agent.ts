import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { IANAZone } from "luxon";
import { parse } from "yaml";
import { AgentError } from "./errors.ts";

/** What the caller hears when the model has nothing to say. */
export interface Phrases {
  trouble: string;
  empty: string;
  tooManySteps: string;
  lineLost: string;
  /** While a tool runs; the last one is repeated. */
  filler: string[];
}

/** Who answers the phone, and how it sounds. */
export interface Agent {
  system: string;
  greeting: string;
  /** BCP 47, e.g. "en-US". */
  language: string;
  /** The platform's name of a voice; its own default when left out. */
  voice?: string;
  ttsProvider?: string;
  /** IANA zone that "today" is told in. */
  timezone: string;
  phrases: Phrases;
}

interface AgentFile {
  system: string;
  greeting: string;
  language: string;
  voice?: string;
  tts_provider?: string;
  timezone: string;
  phrases?: {
    trouble?: string;
    empty?: string;
    too_many_steps?: string;
    line_lost?: string;
    filler?: string[];
  };
}

const text = { type: "string", minLength: 1 };
const isAgentFile = new Ajv2020({ allErrors: true }).compile<AgentFile>({
  type: "object",
  additionalProperties: false,
  required: ["system", "greeting", "language", "timezone"],
  properties: {
    system: text,
    greeting: text,
    language: {
      type: "string",
      pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
    },
    voice: text,
    tts_provider: { type: "string", enum: ["ElevenLabs", "Google", "Amazon"] },
    timezone: text,
    phrases: {
      type: "object",
      additionalProperties: false,
      properties: {
        trouble: text,
        empty: text,
        too_many_steps: text,
        line_lost: text,
        filler: { type: "array", minItems: 1, items: text },
      },
    },
  },
});

/**
 * Reads an agent file: YAML text, or the object it says. Phrases that it leaves
 * out are those of the bundled agent.
 * @throws AgentError that names every fault by its path
 */
export function parseAgent(yamlOrObject: unknown): Agent {
  const file = readFile(yamlOrObject);
  const { phrases } = readFile(readFileSync(bundledAgent, "utf8"));
  const merged = { ...phrases, ...file.phrases } as Required<
    NonNullable<AgentFile["phrases"]>
  >;
  return {
    system: file.system,
    greeting: file.greeting,
    language: file.language,
    ...(file.voice === undefined ? {} : { voice: file.voice }),
    ...(file.tts_provider === undefined
      ? {}
      : { ttsProvider: file.tts_provider }),
    timezone: file.timezone,
    phrases: {
      trouble: merged.trouble,
      empty: merged.empty,
      tooManySteps: merged.too_many_steps,
      lineLost: merged.line_lost,
      filler: merged.filler,
    },
  };
}

/** The bundled agent's file, where every phrase is set. */
export const bundledAgent = new URL("./agent.yaml", import.meta.url);

function readFile(yamlOrObject: unknown): AgentFile {
  let file = yamlOrObject;
  if (typeof yamlOrObject === "string") {
    try {
      file = parse(yamlOrObject);
    } catch (cause) {
      throw new AgentError(
        [`not YAML: ${cause instanceof Error ? cause.message : String(cause)}`],
        { cause },
      );
    }
  }
  if (!isAgentFile(file)) {
    throw new AgentError(
      (isAgentFile.errors ?? []).map(({ instancePath, message, params }) => {
        const extra =
          "additionalProperty" in params
            ? `: ${String(params["additionalProperty"])}`
            : "";
        return `${instancePath.slice(1) || "file"} ${message ?? "is wrong"}${extra}`;
      }),
    );
  }
  if (!IANAZone.isValidZone(file.timezone))
    throw new AgentError([`timezone ${file.timezone} is no IANA time zone`]);
  return file;
}
