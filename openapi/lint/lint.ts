import { compileDocument } from "../catalog.ts";
import type { CompileOptions } from "../catalog.ts";
import type { Diagnostic } from "../types.ts";

/**
 * What a reader should know about a document before a model meets it: whether
 * it is valid OpenAPI at all, what compiling finds, and which tools are hard to
 * choose, to fill or to say on the phone. Nothing is read from the network
 * that `remote` does not allow, and nothing is written into the source.
 * @throws DocumentError when there is no document at all
 */
export async function lint(
  source: string | URL | object,
  options: CompileOptions = {},
): Promise<Diagnostic[]> {
  // Whoever compiles need not wait for what only this loads.
  const [{ listFindings }, { validate }] = await Promise.all([
    import("./rules.ts"),
    import("./validity.ts"),
  ]);
  const compilation = await compileDocument(source, options);
  const { catalog } = compilation;
  JSON.stringify(catalog.tools); // reads the answers' schemas too, so that what is odd in them is found
  const found = [
    ...compilation.locate(await validate(source, compilation.document)),
    ...catalog.diagnostics,
    ...compilation.locate(listFindings(catalog)),
  ];
  // What is wrong with the document says also why it has no tool.
  const isWrong = found.some(
    ({ rule, severity }) => severity === "error" && rule !== "no-tools",
  );
  return isWrong ? found.filter(({ rule }) => rule !== "no-tools") : found;
}
