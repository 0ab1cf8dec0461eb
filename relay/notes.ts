/**
 * What the telephone system tells the model beside the caller's words: a line of
 * its own in square brackets each, as the system prompt says. The offline model
 * reads them back, so both sides of the wording stand here.
 */
export type Note = string;

/** A cough ends the answer it interrupts, so the agent has to go on. */
export const NO_WORDS: Note =
  "The caller made a sound, but no words were understood";

export function toKeysNote(keys: string): Note {
  return `The caller pressed these keys: ${keys.split("").join(" ")}`;
}

/** For a write that went on after an interrupt. */
export function toFinishedNote(tool: string, content: string): Note {
  return `${tool} has finished since the caller interrupted: ${content}`;
}

/** For a reply that the model has back already and that cannot be cut any more. */
export function toHeardNote(heard: string): Note {
  const what = heard === "" ? "nothing of it" : `only: "${heard}"`;
  return `The caller interrupted your last answer and heard ${what}`;
}

/** The caller's words with the notes before them. */
export function joinNotes(notes: readonly Note[], words: string): string {
  return [
    ...notes.map((note) => `[${note}]`),
    ...(words === "" ? [] : [words]),
  ].join("\n");
}

/** The words alone, the keys, and what has finished. */
export function splitNotes(text: string): {
  words: string;
  keys: string;
  finished: { tool: string; content: string }[];
} {
  const lines = text.split("\n");
  const isNote = (line: string) => line.startsWith("[") && line.endsWith("]");
  const notes = lines.filter(isNote).map((line) => line.slice(1, -1));
  const keys = notes.map(
    (note) => /^The caller pressed these keys: (.*)$/.exec(note)?.[1] ?? "",
  );
  return {
    words: lines
      .filter((line) => !isNote(line))
      .join("\n")
      .trim(),
    keys: keys.join("").replaceAll(" ", ""),
    finished: notes.flatMap((note) => {
      const [, tool, content] =
        /^(\w+) has finished since the caller interrupted: (.*)$/.exec(note) ??
        [];
      return tool === undefined || content === undefined
        ? []
        : [{ tool, content }];
    }),
  };
}
