import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const manifest = JSON.parse(
  readFileSync(join(here, "package.json"), "utf8"),
) as {
  dependencies: Record<string, string>;
  documents: Record<string, { integrity: string; files: string[] }>;
};

export const documentPackages = Object.keys(manifest.documents);

/** What `fetchPackage` left on disk: its folder and the documents in it, as paths in that folder. */
export interface Package {
  folder: string;
  documents: string[];
}

/**
 * Brings a package's documents to disk: one tarball from the registry, its hash
 * checked, and only the wanted files unpacked. GitHub's package is 400 MB
 * unpacked for one file of 13 MB, and kubernetes-client would pull in a hundred
 * packages that nothing here runs.
 */
export function fetchPackage(name: string): Package {
  const version = manifest.dependencies[name];
  const wanted = manifest.documents[name];
  if (version === undefined || wanted === undefined)
    throw new Error(`${name} is not named in test/corpus/package.json`);
  const folder = join(here, "node_modules", `${name}@${version}`);
  if (!statSync(folder, { throwIfNoEntry: false })) {
    unpack(`${name}@${version}`, wanted, folder);
  }
  const documents = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(json|yaml)$/.test(file))
    .sort();
  return { folder, documents };
}

function unpack(
  spec: string,
  { integrity, files }: { integrity: string; files: string[] },
  folder: string,
): void {
  // Whoever is killed half-way leaves only this folder behind, which the next run clears.
  const work = `${folder}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const printed = execFileSync(
    "npm",
    ["pack", "--silent", "--pack-destination", work, spec],
    { cwd: work, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  const tarball = join(work, basename(printed.trim()));
  const hash = createHash("sha512").update(readFileSync(tarball));
  if (`sha512-${hash.digest("base64")}` !== integrity)
    throw new Error(`${spec}: the registry's tarball is not the one pinned`);
  execFileSync(
    "tar",
    ["-xzf", tarball, "--strip-components=1", "-C", work].concat(
      files.map((file) => `package/${file}`),
    ),
  );
  rmSync(tarball);
  for (const file of readdirSync(work, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".gz")) continue;
    const path = join(work, file);
    writeFileSync(path.slice(0, -".gz".length), gunzipSync(readFileSync(path)));
    rmSync(path);
  }
  renameSync(work, folder);
}
