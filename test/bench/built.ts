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

/** A room as users get it. */
export interface Built {
  /** Path of the room's index.js. */
  module: string;
  dispose: () => void;
}

/** `dist` where no source is newer (CI has just built it); else a build in a temporary folder. */
export function openBuilt(room: "openapi" | "middleware" = "openapi"): Built {
  const module = join(root, "dist", room, "index.js");
  const builtAt = statSync(module, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isFresh = readdirSync(join(root, room), {
    recursive: true,
    encoding: "utf8",
  }).every((file) => statSync(join(root, room, file)).mtimeMs <= builtAt);
  if (isFresh) return { module, dispose() {} };

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
  // The built files find their packages and their module type from there.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  return {
    module: join(folder, room, "index.js"),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
