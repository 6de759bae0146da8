/** Writing a page: in one step, so that a reader sees the old one or the new one. */
import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";

/** @throws PgwrightError `file-unwritable`. */
export async function writePage(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(draft, text, { flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new PgwrightError(
      "file-unwritable",
      `${path} cannot be written: ${(error as Error).message}`,
      { cause: error, hint: "the database was only read" },
    );
  }
}
