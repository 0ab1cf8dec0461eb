import { benchCompile } from "./compile.ts";
import { benchSignatures } from "./signatures.ts";

console.log("Ratios of one run; medians of interleaved rounds.\n");
const isFastEnough = await benchSignatures();
console.log();
if (!benchCompile() || !isFastEnough) process.exitCode = 1;
