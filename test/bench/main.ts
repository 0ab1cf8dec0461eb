import { benchBookings } from "./bookings.ts";
import { benchCompile } from "./compile.ts";
import { benchSearch } from "./search.ts";
import { benchSignatures } from "./signatures.ts";
import { benchStart } from "./start.ts";
import { benchToolCalls } from "./tool-calls.ts";

const benches = {
  signatures: benchSignatures,
  "tool-calls": benchToolCalls,
  bookings: benchBookings,
  search: benchSearch,
  start: benchStart,
  compile: benchCompile,
};

// `npm run bench -- search start` runs those only.
const wanted = new Set(process.argv.slice(2));
const unknown = [...wanted].filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(
    `no such bench: ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`,
  );
  process.exit(2);
}

console.log("Ratios of one run; medians of interleaved rounds.");
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.size > 0 && !wanted.has(name)) continue;
  console.log(`\n# ${name}`);
  if (!(await bench())) process.exitCode = 1;
}
