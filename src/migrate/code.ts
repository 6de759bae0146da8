/** Migrations in TypeScript or JavaScript: their `up` and `down` become SQL, without a database. */
import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import type { ColumnDefinitions, MigrationBuilder } from "node-pg-migrate";
import { PgwrightError } from "../errors.ts";
import { waitForCode } from "./code-wait.ts";
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
 * @throws PgwrightError `migration-code` when the module does not load, has no `up`, throws, or
 * never finishes; `interrupted`.
 */
export async function runMigrationCode(file: CodeMigration): Promise<Sections> {
  const code = await loadModule(file);
  const { up, down } = code;
  if (!isAction(up)) throw wrongExports(file, "it exports no function `up`");
  if (down !== undefined && down !== false && !isAction(down)) {
    throw wrongExports(file, "`down` is neither a function nor `false`");
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

// The loader begins the first line with code of its own, so that columns would be wrong there.
const lineOfLoader = "\n";

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
    const loaded = (await waitForCode("its loading", async () =>
      jiti.evalModule(`${lineOfLoader}${file.text.replace(/^#!/, "//")}`, {
        id: path,
        filename: path,
        ext: extname(path),
        async: true,
        forceTranspile: true,
      }),
    )) as CodeModule & { default?: CodeModule };
    return isAction(loaded.up) ? loaded : (loaded.default ?? loaded);
  } catch (error) {
    throw failed(file, error);
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
  const name = isReverse || action === code.up ? "up" : "down";
  try {
    await waitForCode(`its \`${name}\``, () =>
      // node-pg-migrate's older style: a second parameter is called when all is done.
      action.length === 2
        ? new Promise<void>((done) => void action(pgm, done))
        : action(pgm, () => {}),
    );
  } catch (error) {
    if (isReverse && /infer down migration/.test(describe(error))) return undefined;
    throw failed(file, error);
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
    throw wrongExports(file, "`irreversible` is not a text that gives the reason");
  }
  if (isAction(down))
    throw wrongExports(file, "it exports both `irreversible` and a function `down`");
  return irreversible.trim();
}

function readChange(file: CodeMigration, { change }: CodeModule): Change | undefined {
  if (change === undefined) return undefined;
  const known = changes.find((level) => level === change);
  if (!known) throw wrongExports(file, "`change` is neither `major` nor `minor` nor `patch`");
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

function wrongExports(file: CodeMigration, why: string): PgwrightError {
  return new PgwrightError("migration-code", `\`${file.name}\`: ${why}`, {
    at: { file: file.path, line: 1, column: 1 },
    hint: "it must export `up(pgm)` and, unless it can be inferred, `down(pgm)` or `down = false`",
  });
}

/** What the code, or the loader for its syntax, threw: with the place that the stack names. */
function failed(file: CodeMigration, cause: unknown): PgwrightError {
  if (cause instanceof PgwrightError && cause.code === "interrupted") return cause;
  const path = resolve(file.path);
  if (cause instanceof Error) cause.stack = withoutLoaderLine(cause.stack ?? "", path);
  const syntax = /^ParseError: (.*)/.exec(describe(cause))?.[1];
  const frames = (cause instanceof Error ? (cause.stack ?? "") : "").split("\n");
  const frame = frames.find((line) => line.includes(`${path}:`));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame ?? "") ?? [];
  // The parser counts columns from 0, stacks from 1.
  const first = syntax === undefined ? 0 : 1;
  const why = syntax === undefined ? describe(cause) : `syntax error: ${syntax.trim()}`;
  return new PgwrightError("migration-code", `\`${file.name}\`: ${why}`, {
    at: { file: file.path, line: Number(line ?? 1), column: Number(column ?? 1 - first) + first },
    source: line === undefined ? undefined : file.text,
    hint: syntax === undefined ? hintOf(cause) : "nothing of the file was run",
    cause,
  });
}

function hintOf(cause: unknown): string | undefined {
  return cause instanceof PgwrightError ? cause.details.hint : undefined;
}

/** A stack with the line numbers of the file as the user has it. */
function withoutLoaderLine(stack: string, path: string): string {
  const [head = "", ...rest] = stack.split(`${path}:`);
  return [head, ...rest.map((part) => part.replace(/^\d+/, (line) => `${Number(line) - 1}`))].join(
    `${path}:`,
  );
}
