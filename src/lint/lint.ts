/** `pgwright lint`: what migrations do to a database that is in use. */
import { breathing } from "../db/breathing.ts";
import { loadParser } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { readModel } from "../locks/catalog.ts";
import { learn } from "../locks/learn.ts";
import { Model } from "../locks/model.ts";
import { qualify } from "../locks/qualify.ts";
import { schemasIn } from "../locks/scope.ts";
import type { MigrationDirectory } from "../migrate/file.ts";
import type { ComparedBase } from "../migrate/git.ts";
import type { LedgerPlace } from "../migrate/ledger-place.ts";
import { readLedger } from "../migrate/ledger.ts";
import type { Surroundings } from "../migrate/online/surroundings.ts";
import { readSurroundings, surroundingsOf } from "../migrate/online/surroundings.ts";
import { compare } from "../migrate/plan.ts";
import { judgeFile, lastOfRuns } from "./judge-file.ts";
import type { PassedOver } from "./named-path.ts";
import type { SourceOptions } from "./source.ts";
import { readSources } from "./source.ts";

export interface LintOptions extends Omit<SourceOptions, "pending"> {
  /** Oldest major version the files must run on; undefined is that of the database, else 15. */
  readonly server: number | undefined;
  /** To look up sizes, types, volatility and dependents; undefined asks no database. */
  readonly session: Session | undefined;
  readonly ledger: LedgerPlace;
  /** `migrate` runs the directory's migrations online: judged is what it runs then. */
  readonly online: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface LintResult {
  /** Files judged; those before them are only read. */
  readonly files: number;
  readonly statements: number;
  /** Statements whose effect only running them shows: DO, CALL. */
  readonly unjudged: number;
  /** The version they are judged for. */
  readonly server: number;
  readonly asksDatabase: boolean;
  /** Migrations are judged in the form in which `migrate --online` runs them. */
  readonly online: boolean;
  readonly base: ComparedBase | null;
  /** Directories below the named ones that have SQL files, which are not judged. */
  readonly passedOver: readonly PassedOver[];
  /** Findings that comments explain away. */
  readonly ignored: number;
  readonly findings: readonly Finding[];
}

/**
 * Judges migrations in their order, each against what the ones before it (or the database's catalog)
 * have left. Reads only.
 *
 * @throws PgwrightError `migrations-unreadable`, `sql-not-found`, `migration-code`, `git-failed`.
 */
export async function lintFiles(options: LintOptions): Promise<LintResult> {
  const { session } = options;
  const ledger = session && (await readLedger(session, options.ledger));
  const pending =
    ledger &&
    ((directory: MigrationDirectory) => {
      const { pending, repeatables } = compare(directory, ledger);
      return new Set([...pending, ...repeatables].map(({ name }) => name));
    });
  // Files are read while V8 compiles the parser in the background.
  const [, { sources, base, passedOver }] = await Promise.all([
    loadParser(),
    readSources({ ...options, pending }),
  ]);
  const catalog = session && (await (options.online ? readSurroundings : readCatalog)(session));
  const server = options.server ?? catalog?.model.server ?? 15;
  // What a branch or a deployment brings is one release: nobody uses the tables that it creates.
  const isOneRelease = options.base !== undefined || session !== undefined;
  let around = surroundingsOf(new Model());
  const findings: Finding[] = [];
  let [files, statements, unjudged, ignored] = [0, 0, 0, 0];
  const breathe = breathing(options.signal);
  for (const read of sources) {
    const pause = breathe();
    if (pause) await pause;
    const found = read();
    const source = found instanceof Promise ? await found : found;
    // From the first that is judged on, what the catalog says is what the files before have made.
    if (catalog && source.isJudged && files === 0) around = catalog;
    const { model } = around;
    model.server = server;
    if (source.isJudged) {
      const one = await judgeFile(source, around, options.online, breathe);
      findings.push(...one.findings);
      ignored += one.ignored;
      files += 1;
      statements += source.statements.length;
      unjudged += source.statements.filter(({ kind }) => opaque.has(kind)).length;
    } else {
      model.beginFile();
      const schemas = schemasIn(source.statements, model, lastOfRuns(source.runs));
      for (const statement of source.statements) {
        learn(model, qualify(statement, schemas.get(statement)));
      }
    }
    if (!isOneRelease || !source.isJudged || source.isInUse) model.settle();
  }
  return {
    files,
    statements,
    unjudged,
    server,
    asksDatabase: session !== undefined,
    online: options.online,
    base,
    passedOver,
    ignored,
    findings,
  };
}

/** What judging needs of the catalog where nothing is rewritten. */
async function readCatalog(session: Session): Promise<Surroundings> {
  return surroundingsOf(await readModel(session));
}

/** What they do shows only when they run. */
const opaque = new Set(["DoStmt", "CallStmt"]);
