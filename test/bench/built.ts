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

/** The compiler as users get it. */
export interface Built {
  /** Path of the openapi room's index.js. */
  module: string;
  dispose: () => void;
}

/** `dist` where no source is newer (CI has just built it); else a build in a temporary folder. */
export function openBuilt(): Built {
  const module = join(root, "dist/openapi/index.js");
  const builtAt = statSync(module, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isFresh = readdirSync(join(root, "openapi"), {
    recursive: true,
    encoding: "utf8",
  }).every((file) => statSync(join(root, "openapi", file)).mtimeMs <= builtAt);
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
    module: join(folder, "openapi/index.js"),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
