// One compiler, run once in a process of its own: imports, reading, compiling
// and writing the definitions all count. Plain JavaScript, so that no loader of
// TypeScript adds its time and memory.
//   node candidate.mjs floor|ours|ivotoby|samchon MODULE FILE...
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [, , name, module, ...files] = process.argv;

const compilers = {
  // No compiler is faster than reading the document.
  async floor() {
    return async (file) => {
      JSON.parse(await readFile(file, "utf8"));
      return [];
    };
  },
  async ours() {
    const { compile } = await import(pathToFileURL(module).href);
    return async (file) =>
      (await compile(file)).tools.map((tool) => ({
        name: tool.name,
        description: tool.description,
        input_schema: tool.parameters,
      }));
  },
  async ivotoby() {
    const { OpenAPISpecLoader } = await import("@ivotoby/openapi-mcp-server");
    const loader = new OpenAPISpecLoader();
    return async (file) => {
      const document = await loader.loadOpenAPISpec(file, "file");
      return [...loader.parseOpenAPISpec(document).values()].map((tool) => ({
        name: tool.name,
        description: tool.description,
        input_schema: tool.inputSchema,
      }));
    };
  },
  async samchon() {
    const { HttpLlm } = await import("@samchon/openapi");
    return async (file) => {
      const document = JSON.parse(await readFile(file, "utf8"));
      return HttpLlm.application({ document }).functions.map((tool) => ({
        name: tool.name,
        description: tool.description,
        input_schema: tool.parameters,
      }));
    };
  },
};

const compile = await compilers[name]();
const lists = [];
const failed = [];
for (const file of files) {
  try {
    lists.push(await compile(file));
  } catch (error) {
    failed.push(`${file}: ${error?.message}`);
  }
}
const wallMs = performance.now(); // since this process began
const { user, system } = process.cpuUsage();
const peakMb = (await readPeakKb()) / 1024;

const lengths = lists.flat().map((tool) => JSON.stringify(tool).length);
console.log(
  JSON.stringify({
    wallMs,
    cpuMs: (user + system) / 1000,
    peakMb,
    tools: lengths.length,
    characters: lengths.reduce((sum, length) => sum + length, 0),
    largest: Math.max(0, ...lengths),
    failed,
  }),
);

/** What the system counts as a process's peak begins with its parent's memory (getrusage(2), at exec); Linux also tells its own. */
async function readPeakKb() {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return own === undefined ? process.resourceUsage().maxRSS : Number(own);
}
