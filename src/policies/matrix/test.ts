/** `policies test`: measures who may do what, and compares it with the matrix that is kept. */
import { relative, join } from "node:path";
import type { Mistake } from "../../config/mistake.ts";
import { throwMistakes } from "../../config/mistake.ts";
import { refuseWhenProtected } from "../../database/protection.ts";
import { loadParser } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { Finding } from "../../findings.ts";
import type { Access } from "./access.ts";
import { readAccessFile, readText, renderAccess, writeAccessFile } from "./access-file.ts";
import { readRelations, readRights, readRoles, type Ledger } from "./catalog.ts";
import { compareAccess } from "./compare.ts";
import { readFixture, type Fixture } from "./fixture.ts";
import { loadFixture } from "./load.ts";
import { buildMatrix } from "./matrix.ts";
import { planTrials } from "./plan.ts";
import { runProbes } from "./probe.ts";
import { becomeOwner, chooseRoles } from "./subject.ts";

export interface AccessTestOptions {
  /** Absolute path of the directory of policies. */
  readonly directory: string;
  readonly workingDirectory: string;
  readonly ledger: Ledger;
  /** Role that owns the tables and makes the rows; undefined is the connected one. */
  readonly ownerRole: string | undefined;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** The environment says `protected: true`; its name. */
  readonly protectedBy: string | undefined;
  readonly writes: boolean;
  readonly dryRun: boolean;
  readonly events: EventListener;
}

export interface AccessTest {
  readonly roles: readonly string[];
  readonly relations: number;
  readonly probes: number;
  /** The file with the matrix, as seen from the working directory. */
  readonly file: {
    readonly path: string;
    readonly state:
      | "equal"
      | "differs"
      | "missing"
      | "created"
      | "changed"
      | "unchanged"
      | "unknown";
  };
  /** The text of the file as it should be; with a dry run, and where it differs. */
  readonly text?: string | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Makes the rows of `test.sql`, tries everything as every role, and rolls all of it back.
 *
 * Triggers fire, sequences advance, rows and tables are locked as by any write: so a protected
 * database is refused.
 *
 * @throws PgwrightError `database-protected`, `pooler-refused`, `role-unusable`, `sql-failed`,
 * `lock-timeout`, `config-invalid` for a damaged access.yaml, `file-unwritable`.
 */
export async function testAccess(
  session: Session,
  options: AccessTestOptions,
): Promise<AccessTest> {
  const show = (path: string) => relative(options.workingDirectory, path) || path;
  const path = join(options.directory, "access.yaml");
  const file = show(path);
  const nothing = {
    roles: [],
    relations: 0,
    probes: 0,
    file: { path: file, state: "unknown" as const },
  };
  await refuse(session, options);
  const { fixture, findings } = await readTestFile(options, show);
  if (fixture === undefined) return { ...nothing, findings };
  const mistakes: Mistake[] = [];
  const kept = await readAccessFile(path, file, mistakes);
  // A file that is written anew may be damaged.
  if (!options.writes) throwMistakes(mistakes);
  const measured = await measure(session, fixture, options);
  if (measured.access === undefined)
    return { ...nothing, ...measured, findings: measured.findings };
  const { access, ...counts } = measured;
  const text = renderAccess(access);
  const all = [...measured.findings];
  if (options.writes) {
    const before = await readText(path);
    const state = before === undefined ? "created" : before === text ? "unchanged" : "changed";
    if (!options.dryRun && state !== "unchanged") await writeAccessFile(path, text);
    return {
      ...counts,
      file: { path: file, state },
      ...(options.dryRun ? { text } : {}),
      findings: all,
    };
  }
  if (kept === undefined) {
    all.push({
      rule: "policies/access-missing",
      severity: "error",
      message: `${file} does not exist, so there is nothing to compare the measured rights with`,
      hint: "`pgwright policies test --write` writes it; read it and commit it",
    });
    return { ...counts, file: { path: file, state: "missing" }, text, findings: all };
  }
  const changes = compareAccess(kept.data, access, kept.locations, file);
  const state = changes.length === 0 ? "equal" : "differs";
  const more = changes.length === 0 ? {} : { text };
  return { ...counts, file: { path: file, state }, ...more, findings: [...changes, ...all] };
}

async function refuse(session: Session, { protectedBy }: AccessTestOptions): Promise<void> {
  const { server } = session;
  const hint =
    "run it on a copy, or on an empty database with the same migrations and policies: the rows it needs are its own";
  if (protectedBy !== undefined) {
    throw new PgwrightError(
      "database-protected",
      `refusing to try writes on it: database \`${server.database}\` belongs to the protected environment \`${protectedBy}\``,
      { hint },
    );
  }
  await refuseWhenProtected(session, "try writes on it");
  if (server.isPooled) {
    throw new PgwrightError(
      "pooler-refused",
      "rights are tried under SET ROLE in one long transaction, which needs a connection of its own",
      {
        hint: "name the server itself with --direct-url",
      },
    );
  }
}

async function readTestFile(
  { directory }: AccessTestOptions,
  show: (path: string) => string,
): Promise<{ fixture: Fixture | undefined; findings: Finding[] }> {
  const path = join(directory, "test.sql");
  const source = await readText(path);
  if (source !== undefined) {
    await loadParser();
    return readFixture(source, show(path));
  }
  const finding: Finding = {
    rule: "policies/test-file-missing",
    severity: "error",
    message: `${show(path)} does not exist: it makes the rows that rights are tried on`,
    hint: "begin it with `-- identity: app.current_user_id` and two lines `-- user: ann = <value>`, then `-- rows: ann` and the INSERTs (docs/formats.md)",
  };
  return { fixture: undefined, findings: [finding] };
}

interface Measured {
  /** Undefined where the rows could not be made or no role can be tested. */
  readonly access?: Access;
  readonly roles: readonly string[];
  readonly relations: number;
  readonly probes: number;
  readonly findings: Finding[];
}

/** Everything between BEGIN and ROLLBACK. */
async function measure(
  session: Session,
  fixture: Fixture,
  options: AccessTestOptions,
): Promise<Measured> {
  await session.script(
    `BEGIN; SET LOCAL lock_timeout = ${options.lockTimeoutMs}; SET LOCAL statement_timeout = ${options.statementTimeoutMs}; SET LOCAL row_security = off`,
  );
  try {
    const relations = await readRelations(session, options.ledger);
    const found = await readRoles(session, fixture.roles);
    const { roles, findings } = chooseRoles(found, fixture, session, options.ownerRole);
    const counts = { roles: roles.map(({ name }) => name), relations: relations.length, probes: 0 };
    if (roles.length === 0) return { ...counts, findings };
    const rights = await readRights(session, roles, relations);
    await becomeOwner(session, options.ownerRole);
    options.events({ type: "step-started", title: "making the rows" });
    const started = performance.now();
    const loaded = await loadFixture(session, fixture, relations);
    const finish = (title: string) =>
      options.events({ type: "step-finished", title, durationMs: performance.now() - started });
    finish("making the rows");
    if (loaded.findings.length > 0)
      return { ...counts, findings: [...findings, ...loaded.findings] };
    const subject = { fixture, roles, relations, rights, rows: loaded.rows };
    const trials = planTrials(subject);
    const outcomes = await runProbes(session, fixture.setting, trials, options.events);
    const tried = trials.map((trial, i) => ({ trial, outcome: outcomes[i] ?? "denied" }));
    const matrix = buildMatrix(subject, tried);
    return {
      ...counts,
      access: matrix.access,
      probes: trials.length,
      findings: [...findings, ...matrix.findings],
    };
  } finally {
    if (!session.isDead) await session.settle("ROLLBACK");
  }
}
