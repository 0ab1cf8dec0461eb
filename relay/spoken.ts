import { heardLength } from "./heard.ts";
import { cutReply } from "./history.ts";
import type { History } from "./history.ts";
import { toHeardNote } from "./notes.ts";
import type { Note } from "./notes.ts";
import type { Outbound } from "./protocol.ts";

/** One piece of text sent to be spoken. */
interface Part {
  text: string;
  /** The model's reply it belongs to; none for fillers and apologies. */
  round: number | undefined;
}

/** What one turn has sent to be spoken, what of it was played, and which message each reply is. */
export interface Speech {
  parts: readonly Part[];
  played: readonly string[];
  /** Round -> index of its message in the history. */
  messages: ReadonlyMap<number, number>;
}

export const NO_SPEECH: Speech = { parts: [], played: [], messages: new Map() };

/** Adds text to the turn's speech: a new reply, filler or apology is set off by a space. */
export function say(
  speech: Speech,
  text: string,
  round: number | undefined,
  preemptible = false,
): [Speech, Outbound[]] {
  if (text === "") return [speech, []];
  const before = speech.parts.at(-1);
  const isSplit =
    before !== undefined &&
    (before.round !== round || round === undefined) &&
    !/\s$/.test(before.text) &&
    !/^\s/.test(text);
  const parts = [
    ...speech.parts,
    ...(isSplit ? [{ text: " ", round: undefined }] : []),
    { text, round },
  ];
  const token = isSplit ? ` ${text}` : text;
  return [
    { ...speech, parts },
    [
      {
        type: "text",
        token,
        last: false,
        ...(preemptible ? { preemptible } : {}),
      },
    ],
  ];
}

/** Whether this reply of the model had any words. */
export function hasSpoken({ parts }: Speech, round: number): boolean {
  return parts.some((part) => part.round === round && part.text.trim() !== "");
}

/** How many fillers and apologies were said. */
export function countAsides({ parts }: Speech): number {
  return parts.filter(
    ({ text, round }) => round === undefined && text.trim() !== "",
  ).length;
}

/** Remembers that the reply of this round is the history's last message. */
export function keepRound(
  speech: Speech,
  round: number,
  history: History,
): Speech {
  return {
    ...speech,
    messages: new Map(speech.messages).set(round, history.messages.length - 1),
  };
}

/**
 * Takes what the caller did not hear out of the history. A reply that the model
 * has already got back cannot be changed, so that is told with the next words.
 */
export function cutToHeard(
  history: History,
  speech: Speech,
  fragment: string,
): { history: History; told: Note[] } {
  const spoken = speech.parts.map(({ text }) => text).join("");
  const heard = heardLength(spoken, speech.played, fragment);
  let cut = history;
  let isTold = false;
  // From the last message back, so that one taken out moves no other.
  for (const [round, index] of [...speech.messages].reverse()) {
    const planned = textOf(speech, round, spoken.length);
    const reached = textOf(speech, round, heard);
    if (reached === planned) continue;
    const [next, isCut] = cutReply(cut, index, reached);
    cut = next;
    isTold ||= !isCut;
  }
  return {
    history: cut,
    told: isTold ? [toHeardNote(spoken.slice(0, heard).trim())] : [],
  };
}

/** The first `length` characters of the turn's speech, as far as they belong to one round. */
function textOf(speech: Speech, round: number, length: number): string {
  let left = length;
  let text = "";
  for (const part of speech.parts) {
    if (part.round === round) text += part.text.slice(0, left);
    left = Math.max(0, left - part.text.length);
  }
  return text;
}
