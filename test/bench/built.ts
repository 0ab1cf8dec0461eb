import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The rooms with those that they import (design.md section 1). */
const NEEDS = {
  openapi: ["openapi"],
  middleware: ["middleware"],
  endpoints: ["openapi", "middleware", "endpoints"],
  cli: ["openapi", "middleware", "endpoints", "relay", "cli"],
} as const;
/** What the built code reads beside itself, as `npm run build` copies it. */
const DOCUMENTS = [
  "openapi/appointments.yaml",
  "endpoints/business.yaml",
  "relay/agent.yaml",
];

export type BuiltRoom = keyof typeof NEEDS;

/** A room as users get it. */
export interface Built {
  /** Path of the room's index.js; of `cli` its main.js. */
  module: string;
  /** The folder of all rooms. */
  folder: string;
  dispose: () => void;
}

/** `dist` where no source is newer (CI has just built it); else a build in a temporary folder. */
export function openBuilt(room: BuiltRoom = "openapi"): Built {
  const inside = join(room, room === "cli" ? "main.js" : "index.js");
  const dist = join(root, "dist");
  if (NEEDS[room].every((each) => isFresh(dist, each)))
    return { module: join(dist, inside), folder: dist, dispose() {} };

  const folder = mkdtempSync(join(tmpdir(), "tool-endpoint-kit-bench-"));
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      join(root, "tsconfig.build.json"),
      "--noCheck", // `npm run check` does that
      "--outDir",
      folder,
    ],
    { stdio: "inherit" },
  );
  for (const document of DOCUMENTS)
    copyFileSync(join(root, document), join(folder, document));
  // The built files find their packages and their module type from there.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  return {
    module: join(folder, inside),
    folder,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function isFresh(dist: string, room: BuiltRoom | "relay"): boolean {
  const main = join(dist, room, room === "cli" ? "main.js" : "index.js");
  const builtAt = statSync(main, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return readdirSync(join(root, room), {
    recursive: true,
    encoding: "utf8",
  }).every((file) => statSync(join(root, room, file)).mtimeMs <= builtAt);
}
