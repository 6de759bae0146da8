/** The diary of test/fixtures/access in a database, with roles of its own, and what is measured there. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import {
  testAccess,
  type AccessTest,
  type AccessTestOptions,
} from "../../src/policies/matrix/test.ts";
import { connectTo } from "./connection.ts";
import { serverUrl, withDatabase, type TestDatabase } from "./database.ts";
import { withFolder } from "./folder.ts";

const roleNames = ["owner", "app", "blind", "reader"] as const;

export interface Diary extends AsyncDisposable {
  readonly database: TestDatabase;
  /** The folder `policies/`, with test.sql in it. */
  readonly directory: string;
  /** A role's real name by the one in the fixture. */
  readonly role: Readonly<Record<(typeof roleNames)[number], string>>;
  /** Real names of roles back to those of the fixture. */
  plain(text: string): string;
  /** Runs SQL with `:app` and the like in it as superuser. */
  run(sql: string): Promise<void>;
  test(options?: Partial<AccessTestOptions>, url?: string): Promise<AccessTest>;
}

export async function withDiary(rows?: string): Promise<Diary> {
  const suffix = randomBytes(4).toString("hex");
  const role = Object.fromEntries(
    roleNames.map((name) => [name, `diary_${name}_${suffix}`]),
  ) as Diary["role"];
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  for (const name of roleNames) {
    await admin.unsafe(`create role ${role[name]} ${name === "owner" ? "bypassrls" : ""}`);
  }
  const fixtures = join(import.meta.dirname, "..", "fixtures", "access");
  const database = await withDatabase();
  const folder = await withFolder({
    "policies/test.sql": rows ?? (await readFile(join(fixtures, "diary.rows.sql"), "utf8")),
  });
  const directory = join(folder.path, "policies");
  const real = (sql: string) =>
    roleNames.reduce(
      (text, name) => text.replaceAll(new RegExp(`:${name}\\b`, "g"), role[name]),
      sql,
    );
  const run = async (sql: string) => {
    await using session = await connectTo(database.url);
    await session.script(real(sql));
  };
  await run(await readFile(join(fixtures, "diary.sql"), "utf8"));
  return {
    database,
    directory,
    role,
    run,
    plain: (text) => roleNames.reduce((all, name) => all.replaceAll(role[name], name), text),
    async test(options = {}, url = database.url) {
      await using session = await connectTo(url);
      return await testAccess(session, {
        directory,
        workingDirectory: folder.path,
        ledger: { schema: "public", table: "schema_migrations" },
        ownerRole: role.owner,
        lockTimeoutMs: 2000,
        statementTimeoutMs: 0,
        protectedBy: undefined,
        writes: false,
        dryRun: false,
        events: () => {},
        ...options,
      });
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      for (const name of roleNames) await admin.unsafe(`drop role ${role[name]}`);
      await admin.end({ timeout: 1 });
      await folder[Symbol.asyncDispose]();
    },
  };
}
