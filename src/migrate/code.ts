/** Migrations in TypeScript or JavaScript: their `up` and `down` become SQL, without a database. */
import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import type { ColumnDefinitions, MigrationBuilder } from "node-pg-migrate";
import { PgwrightError } from "../errors.ts";
import type { CodeMigration } from "./file.ts";
import { changes } from "./schema-version.ts";
import type { Change } from "./schema-version.ts";
import { normalise } from "./section.ts";
import type { Section, Sections } from "./section.ts";

type Action = (pgm: MigrationBuilder, done: () => void) => unknown;

interface CodeModule {
  readonly up?: unknown;
  /** `false` says that there is no way back. */
  readonly down?: unknown;
  readonly shorthands?: ColumnDefinitions;
  readonly change?: unknown;
  readonly irreversible?: unknown;
}

/**
 * Calls `up(pgm)` and `down(pgm)` of a module with node-pg-migrate's MigrationBuilder and collects
 * the SQL they ask for. Without a `down`, that of `up` is reversed where each of its calls has a
 * reverse; `createTable` has one, `dropTable` and `sql` have none.
 *
 * The module is loaded anew on every call. Only its own source is covered by the checksum, not what
 * it imports.
 *
 * @throws PgwrightError `migration-code` when the module does not load, has no `up`, or throws.
 */
export async function runMigrationCode(file: CodeMigration): Promise<Sections> {
  const code = await loadModule(file);
  const { up, down } = code;
  if (!isAction(up)) throw failed(file, "it exports no function `up`");
  if (down !== undefined && down !== false && !isAction(down)) {
    throw failed(file, "`down` is neither a function nor `false`");
  }
  const irreversible = readReason(file, code);
  const forth = await generate(file, code, up, false);
  const back =
    irreversible !== undefined
      ? undefined
      : isAction(down)
        ? await generate(file, code, down, false)
        : await generate(file, code, up, true);
  return {
    up: forth ?? { text: "", line: undefined, transaction: true },
    down: back?.text === "" ? undefined : back,
    irreversible,
    declaredChange: readChange(file, code),
  };
}

async function loadModule(file: CodeMigration): Promise<CodeModule> {
  const require = createRequire(import.meta.url);
  const path = resolve(file.path);
  // Nothing is cached: neither files in the user's folders nor a module that was edited since.
  // Loaded here: bundled into one file, a static import would be loaded by every command.
  const { createJiti } = await import("jiti");
  const jiti = createJiti(path, {
    fsCache: false,
    moduleCache: false,
    tryNative: false,
    // A project need not install node-pg-migrate itself to use its PgLiteral or PgType.
    alias: { "node-pg-migrate": require.resolve("node-pg-migrate") },
  });
  try {
    // The text that was hashed is what is run, not whatever the file holds by now.
    const loaded = (await jiti.evalModule(file.text, {
      id: path,
      filename: path,
      ext: extname(path),
      async: true,
      forceTranspile: true,
    })) as CodeModule & { default?: CodeModule };
    return isAction(loaded.up) ? loaded : (loaded.default ?? loaded);
  } catch (error) {
    throw failed(file, describe(error), error);
  }
}

/** The SQL of one call; undefined when a reverse was asked for and there is none. */
async function generate(
  file: CodeMigration,
  code: CodeModule,
  action: Action,
  isReverse: boolean,
): Promise<Section | undefined> {
  const { MigrationBuilder } = await import("node-pg-migrate");
  const pgm = new MigrationBuilder(noDatabase, code.shorthands ?? {}, false, silent);
  if (isReverse) pgm.enableReverseMode();
  try {
    // node-pg-migrate's older style: a second parameter is called when all is done.
    if (action.length === 2) await new Promise<void>((done) => void action(pgm, done));
    else await action(pgm, () => {});
  } catch (error) {
    if (isReverse && /infer down migration/.test(describe(error))) return undefined;
    throw failed(file, describe(error), error);
  }
  return {
    text: normalise(pgm.getSqlSteps().join("\n")),
    line: undefined,
    transaction: pgm.isUsingTransaction(),
  };
}

function refuseQuery(): never {
  throw new Error("`pgm.db` is not available: migrations become SQL before there is a connection");
}

const noDatabase = { query: refuseQuery, select: refuseQuery };

const silence = () => {};
const silent = { debug: silence, info: silence, warn: silence, error: silence };

function readReason(file: CodeMigration, { down, irreversible }: CodeModule): string | undefined {
  if (irreversible === undefined) return down === false ? "`down` is `false`" : undefined;
  if (typeof irreversible !== "string" || irreversible.trim() === "") {
    throw failed(file, "`irreversible` is not a text that gives the reason");
  }
  if (isAction(down)) throw failed(file, "it exports both `irreversible` and a function `down`");
  return irreversible.trim();
}

function readChange(file: CodeMigration, { change }: CodeModule): Change | undefined {
  if (change === undefined) return undefined;
  const known = changes.find((level) => level === change);
  if (!known) throw failed(file, "`change` is neither `major` nor `minor` nor `patch`");
  return known;
}

function isAction(value: unknown): value is Action {
  return typeof value === "function";
}

/** The first line: loaders append lists of paths. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]?.trim() ?? "";
}

/** The error of a code migration, with the place in its source that the stack names. */
function failed(file: CodeMigration, why: string, cause?: unknown): PgwrightError {
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  const frame = stack.split("\n").find((line) => line.includes(resolve(file.path)));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? "") ?? [];
  return new PgwrightError("migration-code", `\`${file.name}\`: ${why}`, {
    // The loader puts text of its own into the first line.
    at: {
      file: file.path,
      line: Number(line ?? 1),
      column: line === "1" ? 1 : Number(column ?? 1),
    },
    source: line === undefined ? undefined : file.text,
    hint: "it must export `up(pgm)` and, unless it can be inferred, `down(pgm)` or `down = false`",
    cause,
  });
}
