/** What `explain` is asked about: an id, or SQL of a file or of stdin. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { createReadStream } from "node:fs";
import { PgwrightError } from "../errors.ts";

export type Question =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "sql"; readonly sql: string; readonly file: string };

/** A file with the name of an id is read when it is there and the name has a dot or a slash in it. */
export async function readQuestion(query: string, directory: string): Promise<Question> {
  if (query === "-") {
    return { kind: "sql", sql: await readAll(createReadStream("", { fd: 0 })), file: "stdin" };
  }
  if (/^(?:[0-9a-fA-F]{1,16}|-?[0-9]{1,20})$/.test(query)) return { kind: "id", id: query };
  try {
    return { kind: "sql", sql: await readFile(resolve(directory, query), "utf8"), file: query };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new PgwrightError(
      "query-unknown",
      isMissing
        ? `there is no file ${query}, and it is no query's id`
        : `${query} cannot be read: ${(error as Error).message}`,
      { cause: error, hint: "`pgwright slow-queries` lists the ids: the digits 0-9 and a-f" },
    );
  }
}
