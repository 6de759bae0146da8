/** What `doctor` finds in a test database, and what its advice does. */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { runDoctor, type DoctorOptions, type DoctorReport } from "../../src/doctor/doctor.ts";
import type { Finding } from "../../src/findings.ts";
import { connectTo } from "./connection.ts";
import type { Cluster } from "./cluster.ts";
import { serverUrl, type TestDatabase } from "./database.ts";
import { eventually } from "./eventually.ts";

type Options = Partial<DoctorOptions> & { readonly role?: TestRole | undefined };

/** The whole report on the database a URL leads to. */
export async function examine(url: string, options: Partial<DoctorOptions> = {}) {
  await using session = await connectTo(url);
  return await runDoctor(session, {
    migrationsRole: undefined,
    ledgerSchema: "public",
    events: () => {},
    ...options,
  });
}

/** The same, as the superuser of the tests or as a role of the test's own. */
export async function examineDatabase(
  database: TestDatabase,
  { role, ...options }: Options = {},
): Promise<DoctorReport> {
  const url = new URL(database.url);
  if (role) {
    url.username = encodeURIComponent(role.name);
    url.password = role.password;
  }
  return examine(url.href, options);
}

/**
 * The findings of one rule, or of all rules with a prefix that ends in a dash.
 *
 * @throws Error when the superuser of the tests could not look at something.
 */
export async function find(
  database: TestDatabase,
  rule: string,
  options: Options = {},
): Promise<Finding[]> {
  const { findings } = await examineDatabase(database, options);
  const unseen = findings.find((finding) => finding.rule === "doctor/cannot-look");
  if (unseen && !options.role) throw new Error(unseen.message);
  return findings.filter((finding) =>
    rule.endsWith("-") ? finding.rule.startsWith(rule) : finding.rule === rule,
  );
}

/** The statements a hint names, in order: what stands between backticks and ends in a semicolon. */
export function statementsOf(finding: Finding | undefined): string[] {
  return [...(finding?.hint ?? "").matchAll(/`([^`]+;)`/g)].map(([, sql]) => sql ?? "");
}

/** Does what the hint says: the statements that `choose` accepts, each on its own. */
export async function follow(
  sql: postgres.Sql,
  finding: Finding | undefined,
  choose: (statement: string, index: number) => boolean = () => true,
): Promise<void> {
  const statements = statementsOf(finding).filter(choose);
  if (statements.length === 0) throw new Error(`no statement in the hint: ${finding?.hint}`);
  for (const statement of statements) await sql.unsafe(statement);
}

export interface TestRole extends AsyncDisposable {
  readonly name: string;
  readonly password: string;
}

/**
 * A role of the whole server, dropped at the end. Declare it before the database in which it owns
 * something, which is then dropped first. Its name needs no quotes.
 */
export async function withRole(attributes = "login"): Promise<TestRole> {
  const name = `doctor_${randomBytes(5).toString("hex")}`;
  const password = randomBytes(8).toString("hex");
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create role ${name} ${attributes} password '${password}'`);
  return {
    name,
    password,
    async [Symbol.asyncDispose]() {
      await admin.unsafe(`drop role ${name}`);
      await admin.end({ timeout: 1 });
    },
  };
}

/** A session of the test's own, with one connection. */
export function sessionOn(database: TestDatabase): postgres.Sql {
  return postgres(serverUrl(), { database: database.name, max: 1, onnotice: () => {} });
}

/** Runs a statement and cancels it once a query of another session has a row. */
export async function interruptWhen(
  database: TestDatabase,
  statement: string,
  hasComeSoFar: string,
): Promise<void> {
  const session = sessionOn(database);
  const [self] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const outcome = session.unsafe(statement).then(
    () => "done",
    (error: Error) => error.message,
  );
  await eventually(
    async () => (await database.sql.unsafe(hasComeSoFar)).length > 0,
    `a row of: ${hasComeSoFar}`,
  );
  await database.sql`select pg_cancel_backend(${self?.pid ?? 0})`;
  const message = await outcome;
  if (!message.includes("canceling statement")) throw new Error(`not interrupted: ${message}`);
  await session.end();
}

/** The findings on such a server whose rules begin with a prefix. */
export async function findAt(
  { url }: Cluster,
  prefix: string,
  limits: NonNullable<DoctorOptions["limits"]> = {},
): Promise<Finding[]> {
  const { findings } = await examine(url, { limits });
  return findings.filter(({ rule }) => rule.startsWith(prefix));
}

/** Waits for a reload, or for the statistics, to have shown in as many findings. */
export function whenFound(
  server: Cluster,
  prefix: string,
  count: number,
  limits: NonNullable<DoctorOptions["limits"]> = {},
): Promise<Finding[]> {
  return eventually(async () => {
    const findings = await findAt(server, prefix, limits);
    return findings.length === count ? findings : undefined;
  }, `${count} findings of ${prefix}`);
}

/** One connection to such a server. */
export function clientOf({ url }: Cluster): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {} });
}

/** The same database, as this role. */
export function urlFor(
  url: string,
  { name, password }: { name: string; password: string },
): string {
  const own = new URL(url);
  own.username = name;
  own.password = password;
  return own.href;
}
