import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** `floor` only reads the document. */
export const candidateNames = ["floor", "ours", "ivotoby", "samchon"] as const;
export type CandidateName = (typeof candidateNames)[number];

/** What one run of a compiler in a process of its own came to. */
export interface Run {
  wallMs: number;
  cpuMs: number;
  peakMb: number;
  tools: number;
  /** Of all definitions as JSON, and of the largest of them. */
  characters: number;
  largest: number;
  /** Documents that were refused, and why. */
  failed: string[];
}

/** Installs the peers that package.json beside names, as its lock file has them. */
export function installPeers(): void {
  const installed = join(here, "node_modules/.package-lock.json"); // npm's own
  const installedAt =
    statSync(installed, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (installedAt > statSync(join(here, "package-lock.json")).mtimeMs) return;
  execFileSync("npm", ["ci", "--silent", "--ignore-scripts"], {
    cwd: here,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** @param module  index.js of this kit's openapi room, as built */
export function runCandidate(
  name: CandidateName,
  module: string,
  files: string[],
): Run {
  const printed = execFileSync(
    process.execPath,
    [join(here, "candidate.mjs"), name, module, ...files],
    {
      encoding: "utf8",
      // What the peers say there is shown only when one of them dies.
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1 << 24,
    },
  );
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "") as Run;
}
