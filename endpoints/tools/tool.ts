import type { Answer } from "../answer.ts";
import type { Business } from "../business/business.ts";
import type { Joke } from "../jokes/jokes.ts";
import type { Availability } from "../scheduling/availability.ts";
import type { Store } from "../store/store.ts";

/** Who calls: the phone call, and the sender's key of this one use of the tool. */
export interface Caller {
  callId: string | undefined;
  idempotencyKey: string | undefined;
  /** Network address, the only thing known of who gives no call id. */
  address: string;
}

/** What the tools of one business work with. */
export interface Desk {
  business: Business;
  store: Store;
  availability: Availability;
  tellJoke: (callId: string | undefined) => Promise<Joke>;
  now: () => Date;
}

/** One tool: arguments that the compiled document has already checked, to an answer. Only a broken database throws. */
export type AnswerTool<Arguments = never> = (
  desk: Desk,
  args: Arguments,
  caller: Caller,
) => Promise<Answer>;
