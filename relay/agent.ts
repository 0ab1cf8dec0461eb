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

/** How the agent sounds where ThunderPhone runs it, in its own words: docs.thunderphone.com/webhooks/call-incoming (read November 2026). */
interface ThunderPhoneVoice {
  /** An id of its GET /v1/voices; Twilio's voices are others. */
  voice: string;
  product?: string;
  thinkingLevel?: string;
  backgroundTrack?: string;
  acknowledgementPrompt?: string;
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
  thunderphone: ThunderPhoneVoice;
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
  thunderphone?: {
    voice?: string;
    product?: string;
    thinking_level?: string;
    background_track?: string;
    acknowledgement_prompt?: string;
  };
}

const text = { type: "string", minLength: 1 };
// The schema is our own, and its check compiles another one: a fifth of a start.
const isAgentFile = new Ajv2020({
  allErrors: true,
  meta: false,
  validateSchema: false,
}).compile<AgentFile>({
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
    thunderphone: {
      type: "object",
      additionalProperties: false,
      properties: {
        voice: text,
        product: text,
        thinking_level: text,
        background_track: text,
        acknowledgement_prompt: text,
      },
    },
  },
});

/**
 * Reads an agent file: YAML text, or the object it says. Phrases and the
 * voice at ThunderPhone that it leaves out are those of the bundled agent.
 * @throws AgentError that names every fault by its path
 */
export function parseAgent(yamlOrObject: unknown): Agent {
  const file = readFile(yamlOrObject);
  const bundled = readFile(readFileSync(bundledAgent, "utf8"));
  const merged = { ...bundled.phrases, ...file.phrases } as Required<
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
    thunderphone: toThunderPhone({
      ...bundled.thunderphone,
      ...file.thunderphone,
    } as NonNullable<AgentFile["thunderphone"]> & { voice: string }), // the bundled file has one
  };
}

function toThunderPhone({
  voice,
  product,
  ...file
}: NonNullable<AgentFile["thunderphone"]> & {
  voice: string;
}): ThunderPhoneVoice {
  const thinkingLevel = file.thinking_level;
  const backgroundTrack = file.background_track;
  const acknowledgementPrompt = file.acknowledgement_prompt;
  return {
    voice,
    ...(product === undefined ? {} : { product }),
    ...(thinkingLevel === undefined ? {} : { thinkingLevel }),
    ...(backgroundTrack === undefined ? {} : { backgroundTrack }),
    ...(acknowledgementPrompt === undefined ? {} : { acknowledgementPrompt }),
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
