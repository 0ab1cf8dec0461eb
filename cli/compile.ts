import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { emit, targetNames } from "../openapi/index.ts";
import type {
  Catalog,
  CompileOptions,
  Diagnostic,
  Emitted,
  EmitOptions,
  TargetName,
} from "../openapi/index.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { parseBudget, parseHeaders, parseProfile, parseUrl } from "./flags.ts";
import { compareOutput, writeOutput } from "./output.ts";
import { hasErrors, printDigest } from "./print.ts";
import { compileSpec } from "./select.ts";
import type { SelectionFlags } from "./select.ts";
import { isUrl, openSource } from "./source.ts";
import { suggest } from "./suggest.ts";
import { watch } from "./watch.ts";

export interface CompileFlags extends SelectionFlags {
  target: string;
  server?: string;
  gateway?: string;
  header: string[];
  hideHeaders?: boolean;
  profile?: string;
  budget?: string;
  output?: string;
  check?: boolean;
  watch?: boolean;
  json?: boolean;
}

const VOICE_CHARACTERS = 2000;

/** What the flags ask for. */
interface Order {
  spec: string;
  flags: CompileFlags;
  target: TargetName;
  compileOptions: CompileOptions;
  emitOptions: EmitOptions;
  /** Where the definitions go or are compared with; stdout otherwise. */
  file?: string;
}

/** `compile SPEC`: prints `{"tools":[...]}` for one target; what could not be said is told on stderr. */
export async function compile(
  io: Io,
  spec: string,
  flags: CompileFlags,
): Promise<number> {
  const order = parseFlags(io, spec, flags);
  if (flags.watch) {
    const { file } = await openSource(io, spec);
    if (file === undefined || !existsSync(file))
      throw new VerbError(EXIT.input, `${spec} is not there to be watched`);
    return watch(io, file, () => write(io, order));
  }
  return flags.check ? check(io, order) : write(io, order);
}

function parseFlags(io: Io, spec: string, flags: CompileFlags): Order {
  const { server, gateway, output } = flags;
  parseUrl("--server", server);
  parseUrl("--gateway", gateway);
  const isFile = output !== undefined && output !== "-";
  if (flags.check && !isFile)
    throw usage("--check: name the file to compare with, by -o");
  if (
    isFile &&
    spec !== "-" &&
    resolve(io.cwd, output) === resolve(io.cwd, spec)
  )
    throw usage("-o: this is the document itself");
  if (flags.check && flags.watch)
    throw usage("--check and --watch: one or the other");
  if (flags.watch && (spec === "-" || isUrl(spec)))
    throw usage(`--watch: expected a file, received "${spec}"`);
  return {
    spec,
    flags,
    target: parseTarget(flags.target),
    compileOptions: {
      ...(flags.hideHeaders ? { headers: "hide" } : {}),
      ...parseProfile(flags.profile),
      ...parseBudget(flags.budget),
    },
    emitOptions: {
      headers: parseHeaders(flags.header),
      ...(server === undefined ? {} : { server }),
      ...(gateway === undefined ? {} : { gateway }),
    },
    ...(isFile ? { file: resolve(io.cwd, output) } : {}),
  };
}

function parseTarget(name: string): TargetName {
  const target = targetNames.find((each) => each === name);
  if (target) return target;
  const meant = suggest(name, targetNames);
  throw usage(
    `--target: expected one of ${targetNames.join(", ")}, received "${name}"${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

/** @throws VerbError when there is no tool */
async function produce(io: Io, order: Order) {
  const { spec, flags, target, compileOptions, emitOptions } = order;
  const { catalog, locate } = await compileSpec(
    io,
    spec,
    flags,
    compileOptions,
  );
  const emitted = emit(catalog, target, emitOptions);
  const { tools, names } = emitted;
  const long = findTooLong(emitted, catalog, compileOptions);
  const diagnostics = [
    ...catalog.diagnostics,
    ...locate([...emitted.diagnostics, ...long]),
  ];
  if (!flags.json || tools.length === 0) printDigest(io.stderr, diagnostics);
  if (tools.length === 0)
    throw new VerbError(EXIT.input, `${spec} yields no tool for ${target}`);
  const result = flags.json ? { tools, names, diagnostics } : { tools };
  return {
    text: `${JSON.stringify(result, undefined, 2)}\n`,
    exitCode: hasErrors(diagnostics) ? EXIT.findings : EXIT.ok,
  };
}

/** What a platform's form made longer than was asked for; `compile` has reported what was too long before. */
function findTooLong(
  { tools, names }: Emitted,
  { tools: known }: Catalog,
  { profile, budget }: CompileOptions,
): Diagnostic[] {
  const given = typeof budget === "object" ? budget.perTool : budget;
  const limit = given ?? (profile === "voice" ? VOICE_CHARACTERS : Infinity);
  if (limit === Infinity) return [];
  const ours = new Map(known.map((tool) => [tool.name, tool]));
  return Object.values(names).flatMap((name, index): Diagnostic[] => {
    const { length } = JSON.stringify(tools[index]);
    const tool = ours.get(name);
    if (length <= limit || !tool) return [];
    const { method, path } = tool.operation;
    return [
      {
        rule: "over-budget",
        severity: "info",
        message: `${name}: ${length} characters in the platform's own form, the budget is ${limit}`,
        pointer: `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/${method.toLowerCase()}`,
        operation: `${method} ${path}`,
      },
    ];
  });
}

async function write(io: Io, order: Order): Promise<number> {
  const { text, exitCode } = await produce(io, order);
  if (order.file === undefined) io.stdout.write(text);
  else await writeOutput(order.file, text);
  return exitCode;
}

/** Compares with the file and writes nothing. */
async function check(io: Io, order: Order): Promise<number> {
  const { text, exitCode } = await produce(io, order);
  const differences = await compareOutput(order.file as string, text);
  for (const line of differences) io.stderr.write(`${line}\n`);
  if (differences.length === 0) return exitCode;
  io.stderr.write(
    `${order.flags.output} is out of date: run again without --check\n`,
  );
  return EXIT.findings;
}

function usage(message: string): VerbError {
  return new VerbError(EXIT.usage, message);
}
