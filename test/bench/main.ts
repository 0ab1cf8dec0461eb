import { benchCompile } from "./compile.ts";
import { benchSignatures } from "./signatures.ts";

console.log("Ratios of one run; medians of interleaved rounds.\n");
await benchSignatures();
console.log();
if (!benchCompile()) process.exitCode = 1;
