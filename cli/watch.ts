import { watch as watchFolder } from "node:fs";
import type { FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isUrl } from "./source.ts";
import { EXIT, VerbError } from "./io.ts";
import type { ExitCode, Io } from "./io.ts";

const SETTLE_MS = 100; // one save is several events, and the first may come before the text
const REFERENCE = /\$ref["']?\s*:\s*["']?([^"'#\s,}\]]+)/g;

/**
 * Builds now, and again whenever the document or a file it refers to changes,
 * until the process is asked to end. What goes wrong is told and waited out.
 */
export async function watch(
  io: Io,
  file: string,
  build: () => Promise<unknown>,
): Promise<ExitCode> {
  const stopped = io.untilStopped().then(() => false);
  const changes = createChanges();
  try {
    for (let goesOn = true; goesOn;) {
      const files = await listFiles(file);
      changes.follow(files); // before it is read, so that nothing is missed
      try {
        await build();
      } catch (error) {
        if (!(error instanceof VerbError)) throw error;
        io.stderr.write(`${error.message}\n`);
      }
      io.stderr.write(
        `watching ${files.size === 1 ? file : `${file} and ${files.size - 1} more`}\n`,
      );
      goesOn = await Promise.race([stopped, changes.next().then(() => true)]);
    }
    return EXIT.ok;
  } finally {
    changes.close();
  }
}

/** The document and all local files that it leads to; what cannot be read leads nowhere. */
async function listFiles(file: string): Promise<Set<string>> {
  const files = new Set([file]);
  for (const each of files) {
    const text = await readFile(each, "utf8").catch(() => "");
    for (const [, reference = ""] of text.matchAll(REFERENCE))
      if (!isUrl(reference))
        files.add(resolve(dirname(each), decode(reference)));
  }
  return files;
}

function decode(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}

/** Changes of a set of files. Their folders are watched, because an editor may put a new file in the place of the old. */
function createChanges() {
  const watchers = new Map<string, FSWatcher>();
  let wanted = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isChanged = false;
  let wake = () => {};
  function note(path: string): void {
    if (!wanted.has(path)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      isChanged = true;
      wake();
    }, SETTLE_MS);
  }
  return {
    follow(files: Set<string>): void {
      wanted = files;
      const folders = new Set([...files].map((each) => dirname(each)));
      for (const [folder, watcher] of watchers)
        if (!folders.has(folder)) {
          watcher.close();
          watchers.delete(folder);
        }
      for (const folder of folders)
        if (!watchers.has(folder)) open(folder, watchers, note);
    },
    async next(): Promise<void> {
      while (!isChanged) await new Promise<void>((resolve) => (wake = resolve));
      isChanged = false;
    },
    close(): void {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function open(
  folder: string,
  watchers: Map<string, FSWatcher>,
  note: (path: string) => void,
): void {
  try {
    const watcher = watchFolder(folder, (_, name) => {
      if (name !== null) note(join(folder, name));
    });
    watcher.on("error", () => watchers.delete(folder)); // the folder is gone
    watchers.set(folder, watcher);
  } catch {
    return; // it is not there, and the compiler says so
  }
}
