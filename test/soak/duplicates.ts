import { countAnswers, findFaults } from "../support/booking-judge.ts";
import { readRows } from "../support/booking-rows.ts";
import { copyErrands, newBooking } from "../support/errands.ts";
import { startFighters } from "../support/fighters.ts";
import type { Engine } from "./engines.ts";

const BOOKINGS = 100;
const COPIES = 32;

/** 3,200 copies at once, 800 in each of 4 processes: 100 bookings, one answer each; then the same without a key. */
export async function soakDuplicates({
  name,
  newUrl,
}: Engine): Promise<boolean> {
  const fighters = await startFighters(4);
  let isGood = true;
  for (const hasKey of [true, false]) {
    const databaseUrl = await newUrl();
    const errands = Array.from({ length: BOOKINGS }, (_, index) => ({
      callId: `call-${index}`,
      steps: [newBooking(index, hasKey ? `key-${index}` : undefined)],
    }));
    const { answered, faults } = await fighters.fight(
      copyErrands(errands, COPIES),
      { databaseUrl, clients: 800 },
    );
    const rows = await readRows(databaseUrl);
    const answers = countAnswers(answered);
    const different = new Set(answered.flat().map(({ body }) => body)).size;
    console.log(
      JSON.stringify({
        engine: name,
        hasKey,
        answers: Object.fromEntries(answers),
        different,
        bookings: rows.bookings.length,
        faults,
      }),
    );
    isGood &&=
      answers.get("ok") === BOOKINGS * COPIES &&
      different === BOOKINGS &&
      rows.bookings.length === BOOKINGS &&
      faults.length === 0 &&
      findFaults(rows, 1).length === 0;
  }
  await fighters.stop();
  return isGood;
}
