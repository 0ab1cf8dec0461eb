/** What a call is answered with: facts, or a refusal of endpoints/answer.ts. An API need not say `speech`. */
export type Answer = Record<string, unknown>;

/** One use of a tool, as a platform asks for it. */
export interface WireCall {
  name: string;
  arguments: unknown;
  /** The platform's id of this one use, where it has one. */
  id?: string;
  /** Why it cannot be run, in words: it is refused with them. */
  fault?: string;
}

/** What a platform has sent: its tool calls, and how they are answered. */
export interface Message {
  /** The phone call, where the body tells it. */
  callId?: string;
  /** None: there is nothing to do but to acknowledge. */
  calls: WireCall[];
  /** The body to answer with; one answer for each call, in their order. */
  reply(answers: Answer[]): object;
}

/** How one platform writes tool calls and reads answers. */
export interface Platform {
  /** Longest body: some platforms send the whole conversation along. */
  maxBodyBytes: number;
  /**
   * Never throws, whatever the body is.
   * @param name  the tool of the address, where it names one
   */
  read(body: unknown, name: string | undefined): Message;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is not empty. */
export function toText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** JSON text is how OpenAI writes arguments, and no slip of the model; nothing is no arguments. */
export function readArguments(value: unknown): unknown {
  if (value === undefined || value === null) return {};
  if (typeof value !== "string") return value;
  if (value.trim() === "") return {};
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value; // what is wrong with it is told with the arguments
  }
}
