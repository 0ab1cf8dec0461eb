import { soakCalls } from "./calls.ts";
import { soakDuplicates } from "./duplicates.ts";
import { withEngines } from "./engines.ts";
import { soakFights } from "./fights.ts";
import { soakKills } from "./kills.ts";

/** Each prints its figures and answers whether all went well. */
const soaks = new Map<string, () => Promise<boolean>>([
  ["calls", soakCalls],
  ["fights", () => withEngines(soakFights)],
  ["duplicates", () => withEngines(soakDuplicates)],
  ["kills", () => withEngines(soakKills)],
]);

// All of them, or those that are named.
const named = process.argv.slice(2);
for (const [name, soak] of soaks) {
  if (named.length > 0 && !named.includes(name)) continue;
  const isGood = await soak();
  console.log(`${name}: ${isGood ? "good" : "WRONG"}`);
  if (!isGood) process.exitCode = 1;
}
