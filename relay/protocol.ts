// Twilio ConversationRelay: https://www.twilio.com/docs/voice/conversationrelay/websocket-messages
// (read November 2026). Nothing else in this room knows Twilio's JSON.

/** What Twilio tells us, in our words. Unknown kinds and fields are never fatal. */
export type Inbound =
  | { type: "setup"; callSid: string; sessionId: string }
  | { type: "prompt"; text: string; last: boolean }
  | { type: "interrupt"; heard: string }
  | { type: "dtmf"; digit: string }
  | { type: "played"; text: string }
  | { type: "error"; errorCode: string }
  | { type: "other"; name: string };

/** What we tell Twilio: strictly what it documents, so that it never answers with error 64107. */
export type Outbound =
  | { type: "text"; token: string; last: boolean; preemptible?: boolean }
  | { type: "end"; handoffData?: string };

/**
 * Reads one frame from Twilio.
 * @returns undefined when it is not a JSON object with a type, or lacks what its type is for
 */
export function parseMessage(frame: string): Inbound | undefined {
  const message = parseObject(frame);
  if (!message || message["type"] === undefined) return undefined;
  switch (message["type"]) {
    case "setup": {
      const { callSid, sessionId } = message;
      if (typeof callSid !== "string" || callSid === "") return undefined;
      return { type: "setup", callSid, sessionId: toText(sessionId) };
    }
    case "prompt":
      if (typeof message["voicePrompt"] !== "string") return undefined;
      // Only partial prompts say `last: false`; they repeat what was said so far.
      return {
        type: "prompt",
        text: message["voicePrompt"].trim(),
        last: message["last"] !== false,
      };
    case "interrupt":
      return {
        type: "interrupt",
        heard: toText(message["utteranceUntilInterrupt"]),
      };
    case "dtmf":
      if (
        typeof message["digit"] !== "string" ||
        !/^[0-9*#A-D]$/.test(message["digit"])
      )
        return undefined;
      return { type: "dtmf", digit: message["digit"] };
    case "info":
      if (message["name"] === "tokensPlayed")
        return { type: "played", text: toText(message["value"]) };
      return { type: "other", name: `info ${toName(message["name"])}` };
    case "error":
      // The description repeats the frame that was wrong, and with it what was said.
      return {
        type: "error",
        errorCode:
          /\b\d{5}\b/.exec(toText(message["description"]))?.[0] ?? "unknown",
      };
    default:
      return { type: "other", name: toName(message["type"]) };
  }
}

export function toFrame(message: Outbound): string {
  return JSON.stringify(message);
}

function parseObject(frame: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    const isObject =
      typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A name that may be logged; anything longer or odder could be words. */
function toName(value: unknown): string {
  return /^[A-Za-z][\w-]{0,40}$/.test(toText(value))
    ? toText(value)
    : "unnamed";
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
