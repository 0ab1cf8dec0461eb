import { compileDocument, DocumentError } from "../openapi/index.ts";
import type { Compilation, CompileOptions } from "../openapi/index.ts";
import { EXIT, VerbError } from "./io.ts";
import type { Io } from "./io.ts";
import { createProgress } from "./progress.ts";
import { openSource } from "./source.ts";
import type { Source } from "./source.ts";

/** Flags that compile, lint and diff share. */
export interface SelectionFlags {
  include: string[];
  exclude: string[];
  tag: string[];
  remote?: boolean;
}

export function toOptions(
  { include, exclude, tag, remote }: SelectionFlags,
  source: Source,
): CompileOptions {
  return {
    include,
    exclude,
    tags: tag,
    remote: remote === true || source.isRemote,
  };
}

/**
 * Compiles the document that SPEC names.
 * @throws VerbError when there is no document
 */
export async function compileSpec(
  io: Io,
  spec: string,
  flags: SelectionFlags,
  further: CompileOptions = {},
): Promise<Compilation> {
  const source = await openSource(io, spec);
  const progress = createProgress(io, `compiling ${source.name}`, {
    isLarge: source.isLarge === true,
  });
  try {
    return await withWords(() =>
      compileDocument(source.document, {
        ...toOptions(flags, source),
        ...further,
        onProgress: progress.onProgress,
      }),
    );
  } finally {
    progress.end();
  }
}

/** Says what is wrong with a document as the edge does. */
export async function withWords<Result>(
  job: () => Promise<Result>,
): Promise<Result> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof DocumentError)
      throw new VerbError(EXIT.input, cause.message, { cause });
    throw cause;
  }
}
