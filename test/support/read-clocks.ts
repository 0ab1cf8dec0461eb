import { Settings } from "luxon";
import { readAllClocks } from "./clock-cases.ts";

// A process of its own: its zone is TZ, and luxon's clock the command line's.
const clock = Date.parse(process.argv[2] ?? "");
Settings.now = () => clock;
const offset = new Date(clock).getTimezoneOffset();
process.send?.({ offset, results: readAllClocks() });
process.disconnect?.();
