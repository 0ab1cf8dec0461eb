/** What each call has heard, so that it is not told twice. Bounded: what is oldest is forgotten. */
export interface Memory {
  hasHeard(call: string, joke: string): boolean;
  note(call: string, joke: string): void;
}

const MAX_CALLS = 500;
const MAX_JOKES = 100;

export function createMemory(): Memory {
  const heardByCall = new Map<string, Set<string>>();

  return {
    hasHeard: (call, joke) => heardByCall.get(call)?.has(joke) ?? false,
    note(call, joke) {
      const heard = heardByCall.get(call) ?? new Set();
      heard.delete(joke);
      heard.add(joke);
      dropFirst(heard, MAX_JOKES);
      heardByCall.delete(call);
      heardByCall.set(call, heard);
      dropFirst(heardByCall, MAX_CALLS);
    },
  };
}

/** Maps and sets keep the order in which things came. */
function dropFirst(
  entries: Map<string, unknown> | Set<string>,
  max: number,
): void {
  const [first] = entries.keys();
  if (entries.size > max && first !== undefined) entries.delete(first);
}
