/** A masked copy in files, which psql restores without this tool. */
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { streamCopy } from "../../db/copy-pipe.ts";
import { makeFolders } from "../../db/make-folders.ts";
import { PgwrightError } from "../../errors.ts";
import { version } from "../../version.ts";
import type { CopiedTable } from "./pace.ts";
import { type DataFile, restoreFile, restoreScript } from "./restore-script.ts";
import type { Source } from "./source.ts";
import { readStatement } from "./table.ts";
import type { Carrier } from "./transfer.ts";
import type { Unit } from "./unit.ts";

// A third of the size of text at a quarter of the time of zlib's usual level 6.
const level = 2;

/** Files on their way: in a directory beside the one that was named, which gets its name at the end. */
export interface Output {
  readonly draft: string;
  readonly files: Map<Unit, DataFile>;
  carrier(): Carrier;
}

/**
 * Makes the draft's directory, readable for nobody else.
 *
 * @throws PgwrightError `file-exists` when the directory is there and not empty, `file-unwritable`.
 */
export async function openOutput(path: string, units: readonly Unit[]): Promise<Output> {
  await refuseContent(path);
  const draft = `${path}.${randomBytes(4).toString("hex")}.incomplete`;
  await naming(path, () => makeFolders(join(draft, "data"), 0o700));
  const digits = String(units.length).length;
  const files = new Map<Unit, DataFile>();
  return {
    draft,
    files,
    carrier: () => ({
      async carry(unit, [reader], attempt) {
        const number = String(units.indexOf(unit) + 1).padStart(digits, "0");
        const file = `data/${number}_${plainName(unit)}.copy.gz`;
        const zip = createGzip({ level });
        const store = createWriteStream(join(draft, file), { mode: 0o600 });
        const stored = pipeline(zip, store);
        stored.catch(() => {});
        let rows: number;
        try {
          rows = await streamCopy(
            { session: reader, statement: readStatement(unit.table, "text", unit.parts[0]) },
            zip,
            attempt.add,
          );
        } catch (error) {
          // Looked at before: destroying the stream before it is an error of the file as well.
          const cause = store.errored;
          zip.destroy();
          await stored.catch(() => {});
          throw cause ? unwritable(path, cause) : error;
        }
        zip.end();
        await naming(path, () => stored);
        files.set(unit, { unit, path: file, rows });
        return rows;
      },
      async [Symbol.asyncDispose]() {},
    }),
  };
}

/** Writes what the rows are restored with, and gives the directory its name. */
export async function finishOutput(
  path: string,
  { draft, files }: Output,
  source: Source,
  units: readonly Unit[],
  tables: readonly CopiedTable[],
  options: { readonly omitOwners: boolean; readonly omitGrants: boolean },
): Promise<void> {
  const inOrder = units.flatMap((unit) => files.get(unit) ?? []);
  const script = await restoreScript(source, inOrder, options);
  const { keyFingerprint, isKeyEphemeral, rulesHash } = source.plan;
  const manifest = {
    version,
    keyFingerprint,
    isKeyEphemeral,
    rulesHash,
    tables,
    files: inOrder.map(({ unit, path: file, rows }) => ({ file, table: unit.table.id, rows })),
  };
  await naming(path, async () => {
    await writeFile(join(draft, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: 0o600,
    });
    await writeFile(join(draft, restoreFile), script, { mode: 0o600 });
    // An empty directory of that name may be there.
    await rmdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(draft, path);
  });
}

export async function removeDraft({ draft }: Output): Promise<void> {
  await rm(draft, { recursive: true, force: true });
}

async function refuseContent(path: string): Promise<void> {
  const found = await naming(path, async () => {
    try {
      return (await stat(path)).isDirectory() ? (await readdir(path)).length > 0 : true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  });
  if (!found) return;
  throw new PgwrightError("file-exists", `${path} exists and is not an empty directory`, {
    hint: "nothing was written; name another directory, or remove this one",
  });
}

/** Letters, digits, dot, dash and underscore: the path stands in a command for a shell. */
function plainName({ table }: Unit): string {
  return `${table.schema}.${table.name}`.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 100);
}

async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof PgwrightError ? error : unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): PgwrightError {
  const reason =
    cause instanceof Error ? cause.message.replace(/, \w+(?: '.*)?$/s, "") : String(cause);
  return new PgwrightError("file-unwritable", `${path} cannot be written: ${reason}`, {
    cause,
    hint: "what was written of it is removed; the source was only read",
  });
}
