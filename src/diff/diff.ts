/** `pgwright diff` and `pgwright drift`: two schemas, what differs, and what would make it equal. */
import { loadParser } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { compare } from "../migrate/plan.ts";
import { readMigrations } from "../migrate/file.ts";
import { readLedger } from "../migrate/ledger.ts";
import type { UnfinishedFile } from "../migrate/unfinished.ts";
import { unfinishedFiles } from "../migrate/unfinished.ts";
import type { Difference } from "./differences.ts";
import { findDifferences } from "./differences.ts";
import type { ScriptPart } from "./script.ts";
import type { LiesElsewhere } from "./places.ts";
import { comparePlaces } from "./places.ts";
import type { SideOptions, SideSchema } from "./side.ts";
import { schemaOf, schemaOfDump, schemaOfFiles } from "./side.ts";

/** What stands on one side: as it was typed. */
export interface Side {
  readonly kind: "database" | "files" | "url" | "dump";
  readonly shown: string;
}

export interface DiffOptions extends SideOptions {
  /** Opens the database that a connection string names. */
  readonly openUrl: (url: string) => Promise<Session>;
  readonly resolve: (file: string) => string;
}

export interface DiffResult {
  readonly from: string;
  readonly to: string;
  readonly isEqual: boolean;
  readonly differences: readonly Difference[];
  /** What lies in another tablespace, which is no difference. */
  readonly elsewhere: readonly LiesElsewhere[];
  /** What runs, in its order. */
  readonly script: readonly ScriptPart[];
}

/** `database`, `files`, a connection string, or the path of a dump. */
export function sideOf(typed: string): Side {
  if (typed === "database" || typed === "files") return { kind: typed, shown: typed };
  if (/^postgres(?:ql)?:\/\/|^[a-z]+=/.test(typed)) return { kind: "url", shown: nameOf(typed) };
  return { kind: "dump", shown: typed };
}

/** `shop on db.example.org`: nothing secret, and enough to tell two databases apart. */
function nameOf(connection: string): string {
  const url = URL.canParse(connection) ? new URL(connection) : undefined;
  const word = (key: string) => new RegExp(`(?:^|\\s)${key}='?([^\\s']+)`).exec(connection)?.[1];
  // As it is typed: what is wrong with its escapes is said when it is opened.
  const name = url ? url.pathname.slice(1) : word("dbname");
  const host = url ? url.host : word("host");
  if (!name) return "the other database";
  return host ? `${name} on ${host}` : name;
}

/** Two names, also where the same database is meant twice. */
function namesOf(from: string, to: string): { readonly from: string; readonly to: string } {
  const names = { from: sideOf(from).shown, to: sideOf(to).shown };
  return names.from === names.to
    ? { from: `${names.from} (first)`, to: `${names.to} (second)` }
    : names;
}

/**
 * What leads from one schema to the other.
 *
 * @throws PgwrightError `diff-refused`, `dump-unsupported`, `usage`.
 */
export async function diffSchemas(
  from: string,
  to: string,
  options: DiffOptions,
): Promise<DiffResult> {
  await loadParser();
  const before = await readSide(from, options);
  const after = await readSide(to, options);
  const { differences, script } = findDifferences(before.objects, after.objects);
  const elsewhere = comparePlaces(before.places, after.places);
  return {
    ...namesOf(from, to),
    isEqual: differences.length === 0,
    differences,
    elsewhere,
    script,
  };
}

async function readSide(typed: string, options: DiffOptions): Promise<SideSchema> {
  const { kind } = sideOf(typed);
  switch (kind) {
    case "database": {
      await using session = await options.open({ writes: false });
      return await schemaOf(session, options);
    }
    case "url": {
      await using session = await options.openUrl(typed);
      return await schemaOf(session, options);
    }
    case "files":
      return schemaOfFiles(options, undefined);
    case "dump":
      return schemaOfDump(options, options.resolve(typed), typed);
  }
}

export interface DriftResult extends DiffResult {
  /** The last version that is applied, up to which the files were run. */
  readonly at: string | null;
  /** Files that are applied or rolled back in part: differences may come from them. */
  readonly unfinished: readonly UnfinishedFile[];
  readonly findings: readonly Finding[];
}

/**
 * How the database differs from what the files that are applied to it would make of an empty one.
 *
 * @throws PgwrightError as `diffSchemas`; `file-missing` when an applied file is not there to run.
 */
export async function findDrift(options: DiffOptions): Promise<DriftResult> {
  await loadParser();
  const { at, unfinished, after } = await readApplied(options);
  const before =
    at === null
      ? { objects: [], places: undefined }
      : await schemaOfFiles(options, at).catch((error: unknown) => {
          throw withUnfinished(error, unfinished);
        });
  const { differences, script } = findDifferences(before.objects, after.objects);
  const elsewhere = comparePlaces(before.places, after.places);
  return {
    from: "files",
    to: "database",
    at,
    isEqual: differences.length === 0,
    differences,
    elsewhere,
    script,
    unfinished,
    findings: [
      ...unfinished.map(({ words, next }) => ({
        rule: "drift/unfinished",
        severity: "error" as const,
        message: `${words}; differences may come from it`,
        hint: `\`${next}\` goes on with it, or shows the way out`,
      })),
      ...differences.map(({ object, kind, words }) => ({
        rule: "drift/differs",
        severity: "error" as const,
        message: `${object} ${kind === "changed" ? `differs: ${words.join("; ")}` : kind === "added" ? "is only in the database" : "is missing in the database"}`,
        object,
      })),
      ...elsewhere.map(({ object, from, to }) => ({
        rule: "drift/tablespace",
        severity: "info" as const,
        message: `${object} lies in the tablespace ${to} in the database, and in ${from} by the files`,
        object,
      })),
    ],
  };
}

/** Where nothing can be compared, what stopped in the middle is known all the same. */
function withUnfinished(error: unknown, unfinished: readonly UnfinishedFile[]): unknown {
  if (!(error instanceof PgwrightError) || unfinished.length === 0) return error;
  const { notes = [] } = error.details;
  return new PgwrightError(error.code, error.message, {
    ...error.details,
    notes: [
      ...notes,
      ...unfinished.map(
        ({ words, next }) => `${words}; \`${next}\` goes on with it, or shows the way out`,
      ),
    ],
  });
}

async function readApplied(options: DiffOptions) {
  await using session = await options.open({ writes: false });
  const ledger = await readLedger(session, options.ledger);
  const comparison = compare(await readMigrations(options.directory), ledger);
  const unfinished = unfinishedFiles(comparison);
  const unknown = [...comparison.archived, ...comparison.missing, ...comparison.ahead];
  const [first] = unknown;
  if (first) {
    const missing = new PgwrightError(
      "file-missing",
      `${first.version} is applied and has no file here, so the files cannot make this database`,
      { hint: "compare with a dump instead: `pgwright diff schema.sql database`" },
    );
    throw withUnfinished(missing, unfinished);
  }
  const last = ledger.applied.reduce<(typeof ledger.applied)[number] | undefined>(
    (top, row) => (top && top.order > row.order ? top : row),
    undefined,
  );
  return {
    at: last?.version ?? null,
    unfinished,
    after: await schemaOf(session, options),
  };
}
