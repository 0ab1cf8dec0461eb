import SwaggerParser from "@apidevtools/swagger-parser";
import { compile } from "./catalog.ts";
import type { Diagnostic } from "./types.ts";

/**
 * What a reader should know about a document before a model meets it: whether
 * it is valid OpenAPI at all (swagger-parser: 2.0, 3.0, 3.1), and what compiling finds.
 * @throws DocumentError when there is no document at all
 */
export async function lint(file: string): Promise<Diagnostic[]> {
  const { diagnostics } = await compile(file);
  try {
    await SwaggerParser.validate(file, { resolve: { http: false } });
    return diagnostics;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      {
        rule: "invalid-document",
        severity: "error",
        message,
        pointer: "",
        file,
      },
      ...diagnostics,
    ];
  }
}
