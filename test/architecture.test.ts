import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAY_IMPORT: Record<string, string[]> = {
  openapi: [],
  middleware: [],
  endpoints: ["openapi", "middleware"],
  relay: ["openapi", "middleware"],
  cli: ["openapi", "middleware", "endpoints", "relay"],
};
const rooms = Object.keys(MAY_IMPORT);

interface Source {
  path: string;
  room: string;
  text: string;
  imports: string[];
}

const sources: Source[] = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => {
      const path = join(room, file);
      const text = readFileSync(join(root, path), "utf8");
      const found = text.matchAll(/(?:from|import|import\()\s*"([^"]+)"/g);
      return {
        path,
        room,
        text,
        imports: [...found].map(([, name]) => name as string),
      };
    }),
);

/** The file of ours that an import names, from the project's root. */
function targetOf(source: Source, name: string): string | undefined {
  return name.startsWith(".")
    ? normalize(join(dirname(source.path), name))
    : undefined;
}

describe("the architecture", () => {
  test("there are sources to look at", () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  test("a room imports only the rooms below it, through their index", () => {
    const wrong = sources.flatMap((source) =>
      source.imports.flatMap((name) => {
        const target = targetOf(source, name);
        if (target === undefined) return [];
        const [room = ""] = target.split("/");
        if (room === source.room) return [];
        const isAllowed =
          MAY_IMPORT[source.room]?.includes(room) &&
          target === join(room, "index.ts");
        return isAllowed ? [] : [`${source.path} imports ${target}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("no inner file imports its own room's index", () => {
    const wrong = sources.filter((source) =>
      source.imports.some(
        (name) => targetOf(source, name) === join(source.room, "index.ts"),
      ),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test("there is no import cycle, not even of types", () => {
    const edges = new Map(
      sources.map((source) => [
        source.path,
        source.imports
          .map((name) => targetOf(source, name))
          .filter((target) => target !== undefined),
      ]),
    );
    const done = new Set<string>();
    function visit(path: string, trail: string[]): string[] {
      if (trail.includes(path))
        return [[...trail.slice(trail.indexOf(path)), path].join(" -> ")];
      if (done.has(path)) return [];
      const found = (edges.get(path) ?? []).flatMap((target) =>
        visit(target, [...trail, path]),
      );
      done.add(path);
      return found;
    }
    expect([...edges.keys()].flatMap((path) => visit(path, []))).toEqual([]);
  });

  test("middleware imports nothing but Node's own modules", () => {
    const foreign = sources
      .filter(({ room }) => room === "middleware")
      .flatMap(({ path, imports }) =>
        imports
          .filter((name) => !name.startsWith(".") && !name.startsWith("node:"))
          .map((name) => `${path}: ${name}`),
      );
    expect(foreign).toEqual([]);
  });

  test("only claude.ts imports the SDK", () => {
    const users = sources.filter(({ imports }) =>
      imports.some((name) => name.startsWith("@anthropic-ai/sdk")),
    );
    expect(users.map(({ path }) => path)).toEqual(["relay/claude.ts"]);
  });

  test("only the edge reads the environment, the clock and the console, or exits", () => {
    const wrong = sources
      .filter(({ room }) => room !== "cli")
      .flatMap(({ path, text }) =>
        ["process.env", "process.argv", "process.exit", "console.", "Date.now("]
          .filter((word) => text.includes(word))
          .map((word) => `${path}: ${word}`),
      );
    expect(wrong).toEqual([]);
  });

  test("no file is above 400 lines", () => {
    const large = sources.filter(({ text }) => text.split("\n").length > 400);
    expect(large.map(({ path }) => path)).toEqual([]);
  });

  test("nothing stands at the top that the design does not name", () => {
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => relative(".", name))
      .filter(
        (name) => !["node_modules", "dist", "data", "coverage"].includes(name),
      );
    expect(folders.sort()).toEqual([
      "cli",
      "endpoints",
      "middleware",
      "openapi",
      "relay",
      "test",
    ]);
  });
});
