import { randomBytes } from "node:crypto";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import type { Finding } from "../../src/findings.ts";
import { lintPolicies, rules, type LintOptions } from "../../src/policies/rls/lint/lint.ts";
import { connectTo } from "../support/connection.ts";
import { serverUrl, withDatabase } from "../support/database.ts";
import { withFolder } from "../support/folder.ts";

const base = `
CREATE SCHEMA "S" AUTHORIZATION :owner;
SET ROLE :owner;
CREATE TABLE "S"."Item" (
  id integer PRIMARY KEY, user_id uuid NOT NULL, kind text, is_public boolean, tags jsonb, price numeric, "größe" text);
CREATE INDEX ON "S"."Item" (user_id);
ALTER TABLE "S"."Item" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE "S".member (user_id uuid PRIMARY KEY);
GRANT USAGE ON SCHEMA "S" TO :app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "S"."Item" TO :app;
CREATE FUNCTION "S".me() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user', true), '')::uuid $$;
CREATE FUNCTION "S".fixed() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT NULL::uuid $$;
CREATE FUNCTION "S".may_see(integer) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT true $$;
-- As where a plan is made, so that names in hints are whole.
SET search_path = pg_catalog;
`;

const me = `(SELECT nullif(current_setting('app.user', true), '')::uuid)`;
const good = `CREATE POLICY own ON "S"."Item" TO :app USING (user_id = ${me});`;

async function withSchema() {
  const suffix = randomBytes(4).toString("hex");
  const role = { owner: `lint_owner_${suffix}`, app: `lint_app_${suffix}` };
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  await admin.unsafe(`create role ${role.owner} bypassrls; create role ${role.app}`);
  const database = await withDatabase();
  const real = (sql: string) => sql.replaceAll(":owner", role.owner).replaceAll(":app", role.app);
  const plain = (text: string) =>
    text.replaceAll(role.owner, ":owner").replaceAll(role.app, ":app");
  const session = await connectTo(database.url);
  await session.script(real(base));
  const folder = await withFolder();
  return {
    session,
    directory: folder.path,
    run: (sql: string) => session.script(real(sql)),
    async lint(options: Partial<LintOptions> = {}, only?: ReadonlySet<number>): Promise<Finding[]> {
      const ledger = { schema: "public", table: "schema_migrations" };
      const findings = await lintPolicies(
        { session, ownerRole: role.owner, ledger, only },
        { directory: folder.path, shownDirectory: "policies", ...options },
      );
      return findings.map((finding) => ({
        ...finding,
        message: plain(finding.message),
        hint: finding.hint === undefined ? undefined : plain(finding.hint),
      }));
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await admin.unsafe(`drop role ${role.owner}; drop role ${role.app}`);
      await admin.end({ timeout: 1 });
    },
  };
}

/** What the hint says to run, where it can be run as it stands. */
function fixOf({ hint }: Finding): string | undefined {
  const statements = [...(hint ?? "").matchAll(/`([^`]*;)`/g)].map(([, sql]) => sql ?? "");
  const isWhole = statements.length > 0 && statements.every((sql) => !sql.includes("…"));
  return isWhole ? statements.map((sql) => sql.replace("CONCURRENTLY ", "")).join(" ") : undefined;
}

interface Case {
  readonly sql: string;
  readonly rule: string;
  readonly severity: string;
  readonly object: string;
  readonly says: string;
  /** The hint's SQL mends it; otherwise somebody has to think first. */
  readonly isMended: boolean;
}

const item = `"S"."Item"`;

const wrong: readonly Case[] = [
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (user_id = "S".me()) WITH CHECK (user_id = ${me})`,
    rule: "policies/init-plan",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} runs me() for every row; as a subselect it is run once`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (user_id = ${me} OR "größe" = 'ä' OR user_id = "S".me() OR random() > (SELECT 0.5))`,
    rule: "policies/init-plan",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} runs me(), random() for every row; as a subselect it is run once`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (EXISTS (SELECT FROM "S".member m WHERE m.user_id = "Item".user_id AND m.user_id = "S".me()))`,
    rule: "policies/init-plan",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} runs me() for every row; as a subselect it is run once`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (user_id = (SELECT current_setting('app.user', true)::uuid))`,
    rule: "policies/identity-cast",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} fails where it is empty, as it is after the transaction that set it, instead of showing nothing`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (user_id = (SELECT current_setting('app.user')::uuid))`,
    rule: "policies/identity-cast",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} fails where the setting was never set, and where it is empty, as it is after the transaction that set it, instead of showing nothing`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (kind = (SELECT current_setting('app.kind', false)))`,
    rule: "policies/identity-cast",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} fails where the setting was never set, instead of showing nothing`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (true)`,
    rule: "policies/always-true",
    severity: "info",
    object: `${item}.p`,
    says: `policy p on ${item} lets :app see every row`,
    isMended: false,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR DELETE USING (true)`,
    rule: "policies/always-true",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} lets PUBLIC delete every row`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR SELECT TO :app USING ((SELECT current_setting('app.user', true)) IS NULL OR user_id = ${me})`,
    rule: "policies/always-true",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} opens every row to :app where no identity is set: \`… IS NULL OR …\``,
    isMended: false,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (coalesce(user_id = ${me}, true))`,
    rule: "policies/always-true",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} opens every row to :app where no identity is set: \`coalesce(…, true)\``,
    isMended: false,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR SELECT TO :app USING ((user_id = ${me}) IS NOT FALSE)`,
    rule: "policies/always-true",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} opens every row to :app where no identity is set: \`(…) IS NOT FALSE\``,
    isMended: false,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR UPDATE TO :app USING (is_public OR user_id = ${me})`,
    rule: "policies/missing-with-check",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} has no WITH CHECK, and its USING also allows rows that are not the caller's: :app may write those in somebody else's name`,
    isMended: false,
  },
  ...[
    "1 = 1",
    "(SELECT true)",
    `user_id = ${me} OR true`,
    "user_id = user_id",
    "NOT false",
    "CASE WHEN 1 = 1 THEN true ELSE user_id IS NULL END",
  ].map((using) => ({
    sql: `CREATE POLICY p ON ${item} FOR DELETE TO :app USING (${using})`,
    rule: "policies/always-true" as const,
    severity: "warning" as const,
    object: `${item}.p`,
    says: `policy p on ${item} lets :app delete every row`,
    isMended: true,
  })),
  ...[
    [`user_id = coalesce(${me}, user_id)`, "column = coalesce(…, column)"],
    [`coalesce("S".me(), user_id) = user_id`, "column = coalesce(…, column)"],
    [
      `CASE WHEN current_setting('app.user', true) = '' THEN true ELSE user_id = ${me} END`,
      "CASE … true",
    ],
    [`CASE WHEN user_id <> ${me} THEN false ELSE true END`, "CASE … true"],
  ].map(([using, why]) => ({
    sql: `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (${using})`,
    rule: "policies/always-true" as const,
    severity: "error" as const,
    object: `${item}.p`,
    says: `policy p on ${item} opens every row to :app where no identity is set: \`${why}\``,
    isMended: false,
  })),
  {
    sql: `CREATE POLICY p ON ${item} FOR UPDATE TO :app USING (user_id = ${me}) WITH CHECK (user_id IS NOT NULL)`,
    rule: "policies/missing-with-check",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} lets :app write any row, also in somebody else's name: WITH CHECK (user_id IS NOT NULL)`,
    isMended: false,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR INSERT TO :app WITH CHECK (true)`,
    rule: "policies/missing-with-check",
    severity: "warning",
    object: `${item}.p`,
    says: `policy p on ${item} lets :app write any row, also in somebody else's name: WITH CHECK (true)`,
    isMended: false,
  },
  {
    sql: `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (kind = (SELECT current_setting('app.kind', true)))`,
    rule: "policies/unindexed-column",
    severity: "info",
    object: `${item}.kind`,
    says: `policies of ${item} compare kind with who asks, and no index begins with it: every query reads the whole table`,
    isMended: true,
  },
  {
    sql: `INSERT INTO ${item} SELECT i, gen_random_uuid() FROM generate_series(1, 1500) i; RESET ROLE; ANALYZE ${item};
          CREATE POLICY p ON ${item} FOR SELECT TO :app USING ("größe" = (SELECT current_setting('app.kind', true)))`,
    rule: "policies/unindexed-column",
    severity: "warning",
    object: `${item}."größe"`,
    says: `policies of ${item} compare "größe" with who asks, and no index begins with it: every query reads the whole table`,
    isMended: true,
  },
  ...[
    ["tags_index", "GIN (tags)", "gin on tags"],
    ["price_index", "(price)", "btree on price"],
    ["kind_index", "(lower(kind))", "btree on lower(kind)"],
  ].map(([name, what, shown]) => ({
    sql: `${good} CREATE INDEX ${name} ON ${item} ${what?.startsWith("GIN") ? `USING ${what}` : what}`,
    rule: "policies/not-leakproof",
    severity: "info",
    object: `"S".${name}`,
    says: `index "S".${name} (${shown}) is not used by roles that policies of ${item} hold for, unless the policy itself is selective: none of its conditions is leakproof`,
    isMended: false,
  })),
  {
    sql: `${good} CREATE VIEW "S".shown AS SELECT id FROM ${item}; GRANT SELECT ON "S".shown TO :app`,
    rule: "policies/view-bypass",
    severity: "warning",
    object: `"S".shown`,
    says: `view "S".shown shows :app rows of ${item} past their policies: it reads as :owner`,
    isMended: true,
  },
  {
    sql: `${good} CREATE VIEW "S".inner AS SELECT id FROM ${item};
          CREATE VIEW "S".outer WITH (security_invoker) AS SELECT * FROM "S".inner; GRANT SELECT (id) ON "S".outer TO :app`,
    rule: "policies/view-bypass",
    severity: "warning",
    object: `"S"."outer"`,
    says: `view "S"."outer" shows :app rows of ${item} past their policies: it reads as :owner`,
    isMended: false,
  },
  {
    sql: `${good} CREATE MATERIALIZED VIEW "S".stored AS SELECT id FROM ${item}; GRANT SELECT ON "S".stored TO :app`,
    rule: "policies/matview-granted",
    severity: "warning",
    object: `"S".stored`,
    says: `materialized view "S".stored holds rows of ${item} whatever their policies say, and :app may read it`,
    isMended: true,
  },
  {
    sql: `${good} ALTER TABLE ${item} NO FORCE ROW LEVEL SECURITY`,
    rule: "policies/no-force",
    severity: "warning",
    object: item,
    says: `row security of ${item} does not hold for its owner :owner`,
    isMended: true,
  },
  {
    sql: "",
    rule: "policies/rls-without-policy",
    severity: "warning",
    object: item,
    says: `${item} has row security and no policy: :app, who hold rights on it, see and change nothing`,
    isMended: false,
  },
  {
    sql: `${good} ALTER TABLE ${item} DISABLE ROW LEVEL SECURITY`,
    rule: "policies/policy-disabled",
    severity: "error",
    object: item,
    says: `${item} has policies (own) that do nothing: row security is off there`,
    isMended: true,
  },
  {
    sql: `CREATE POLICY p ON ${item} AS RESTRICTIVE TO :app USING (user_id = ${me})`,
    rule: "policies/restrictive-only",
    severity: "warning",
    object: item,
    says: `${item} has restrictive policies only, which let nothing through`,
    isMended: false,
  },
  {
    sql: `${good} CREATE FUNCTION "S".f(integer, text) RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
    rule: "policies/definer-search-path",
    severity: "warning",
    object: `"S".f`,
    says: `"S".f() runs with its owner's rights and with the search_path of its caller (PUBLIC), who can put functions of his own before the ones it means`,
    isMended: true,
  },
  {
    sql: `${good} CREATE TABLE "S".note (id integer, body text); GRANT SELECT (id) ON "S".note TO :app`,
    rule: "policies/rls-disabled",
    severity: "warning",
    object: `"S".note`,
    says: `:app may reach every row of "S".note, which has no row security, unlike ${item} beside it`,
    isMended: true,
  },
  {
    sql: `${good} RESET ROLE; CREATE TABLE public.schema_migrations (version text); CREATE TABLE public.schema_migrations_log (id bigserial);
          GRANT SELECT, INSERT ON public.schema_migrations TO :app`,
    rule: "policies/ledger-granted",
    severity: "error",
    object: "public.schema_migrations",
    says: ":app holds INSERT, SELECT on public.schema_migrations: what is recorded there decides which migrations run, and is the migrator's alone",
    isMended: true,
  },
  {
    sql: `${good} RESET ROLE; CREATE TABLE public.schema_migrations_log (id bigserial, sql text); GRANT SELECT (sql) ON public.schema_migrations_log TO PUBLIC`,
    rule: "policies/ledger-granted",
    severity: "warning",
    object: "public.schema_migrations_log",
    says: "PUBLIC may read public.schema_migrations_log, which holds the SQL of every migration",
    isMended: true,
  },
  {
    sql: `${good} RESET ROLE; GRANT CREATE ON SCHEMA public TO PUBLIC`,
    rule: "policies/open-schema",
    severity: "warning",
    object: "schema public",
    says: "every role may create objects in schema public, which sessions search: a function or table of an attacker's can stand in for the one that is meant",
    isMended: true,
  },
  ...[
    `LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $f$ SELECT count(*) FROM ${item} $f$`,
    `LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog BEGIN ATOMIC SELECT count(*) FROM ${item}; END`,
    `LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $f$
       DECLARE n bigint; BEGIN EXECUTE 'select count(*) from "S"."Item" where kind <> ''x''' INTO n; RETURN n; END $f$`,
  ].map((body) => ({
    sql: `${good} RESET ROLE; GRANT CREATE ON SCHEMA public TO :owner; SET ROLE :owner; CREATE FUNCTION public.total(integer) RETURNS bigint ${body}`,
    rule: "policies/outside-definer",
    severity: "warning",
    object: "public.total",
    says: `public.total() runs as :owner for PUBLIC and names ${item}, whose policies do not hold for :owner; no file of policies/ says who may run it`,
    isMended: true,
  })),
  {
    sql: `CREATE POLICY p ON ${item} TO :app USING (EXISTS (SELECT FROM ${item} i WHERE i.user_id = ${me}))`,
    rule: "policies/recursion",
    severity: "error",
    object: `${item}.p`,
    says: `policy p on ${item} asks ${item} itself, whose policies ask again: PostgreSQL refuses such statements (infinite recursion, 42P17)`,
    isMended: false,
  },
];

/** What PostgreSQL itself says of a statement, run as the application. */
async function tryAs(schema: Awaited<ReturnType<typeof withSchema>>, sql: string) {
  await schema.run("RESET ROLE; SET ROLE :app");
  try {
    await schema.run(sql);
    return "done";
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

const asks = (table: string) => `EXISTS (SELECT FROM "S".${table} x WHERE x.user_id = ${me})`;
const guarded = `ALTER TABLE "S".member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; GRANT SELECT ON "S".member TO :app;`;

// What comes back, the policies, what is tried, and the policies that are found.
const recursions: readonly (readonly [string, string, string, string[]])[] = [
  [
    "by another table",
    `${guarded} CREATE POLICY p ON ${item} TO :app USING (${asks("member")});
     CREATE POLICY q ON "S".member FOR SELECT TO :app USING (${asks('"Item"')})`,
    `SELECT FROM ${item}`,
    [`${item}.p`, `"S".member.q`],
  ],
  [
    "by a view that asks as the caller",
    `${guarded} CREATE VIEW "S".v WITH (security_invoker) AS SELECT * FROM "S".member; GRANT SELECT ON "S".v TO :app;
     CREATE POLICY p ON ${item} TO :app USING (${asks("v")});
     CREATE POLICY q ON "S".member FOR SELECT TO :app USING (${asks('"Item"')})`,
    `SELECT FROM ${item}`,
    [`${item}.p`, `"S".member.q`],
  ],
  [
    "of a view that asks as its owner",
    `${guarded} CREATE VIEW "S".v AS SELECT * FROM "S".member; GRANT SELECT ON "S".v TO :app;
     CREATE POLICY p ON ${item} TO :app USING (${asks("v")});
     CREATE POLICY q ON "S".member FOR SELECT TO :app USING (${asks('"Item"')})`,
    `SELECT FROM ${item}`,
    [],
  ],
  [
    "of a table whose reading policy asks nothing",
    `CREATE POLICY r ON ${item} FOR SELECT TO :app USING (is_public);
     CREATE POLICY p ON ${item} FOR UPDATE TO :app USING (${asks('"Item"')}) WITH CHECK (${asks('"Item"')})`,
    `UPDATE ${item} SET kind = 'x'`,
    [],
  ],
  [
    "of a table whose reading policy asks another",
    `GRANT SELECT ON "S".member TO :app;
     CREATE POLICY r ON ${item} FOR SELECT TO :app USING (${asks("member")});
     CREATE POLICY p ON ${item} FOR UPDATE TO :app USING (${asks('"Item"')})`,
    `UPDATE ${item} SET kind = 'x'`,
    [`${item}.p`],
  ],
  [
    "for another role",
    `${guarded} CREATE POLICY p ON ${item} TO :app USING (${asks("member")});
     CREATE POLICY q ON "S".member FOR SELECT TO :owner USING (${asks('"Item"')})`,
    `SELECT FROM ${item}`,
    [],
  ],
  [
    "where row security is off",
    `${guarded} CREATE POLICY p ON ${item} TO :app USING (${asks("member")});
     CREATE POLICY q ON "S".member FOR SELECT TO :app USING (${asks('"Item"')});
     ALTER TABLE "S".member DISABLE ROW LEVEL SECURITY`,
    `SELECT FROM ${item}`,
    [],
  ],
];

test.for(recursions)(
  "recursion %s is what PostgreSQL calls so",
  async ([, sql, attempt, found]) => {
    await using schema = await withSchema();
    await schema.run(sql);
    const findings = (await schema.lint()).filter(({ rule }) => rule === "policies/recursion");
    expect(new Set(findings.map(({ object }) => object))).toEqual(new Set(found));
    expect(await tryAs(schema, attempt)).toBe(found.length > 0 ? "42P17" : "done");
  },
);

test("functions are compared elsewhere where the files name their schema", async () => {
  await using schema = await withSchema();
  await schema.run(`${good} CREATE FUNCTION "S".total() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog AS $f$ SELECT count(*) FROM ${item} $f$`);
  expect((await schema.lint()).map(({ rule }) => rule)).toEqual(["policies/outside-definer"]);
  expect(await schema.lint({ schemas: new Set(["S"]) })).toEqual([]);
});

test("reads a table on which nobody has any right, not even its owner", async () => {
  await using schema = await withSchema();
  await schema.run(`${good} CREATE TABLE "S".closed (id integer);
    ALTER TABLE "S".closed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; REVOKE ALL ON "S".closed FROM :owner`);
  expect(await schema.lint()).toEqual([]);
});

test.for(wrong)("$rule: $sql", async ({ sql, rule, severity, object, says, isMended }) => {
  await using schema = await withSchema();
  await schema.run(sql);
  const findings = (await schema.lint()).filter((finding) => finding.rule === rule);
  expect(findings.map((one) => [one.severity, one.object, one.message])).toEqual([
    [severity, object, says],
  ]);
  const fix = fixOf(findings[0] as Finding);
  const mended = isMended ? (fix ?? "the hint has no SQL") : "";
  await schema.run(mended);
  const after = (await schema.lint()).filter((finding) => finding.rule === rule);
  expect(after).toHaveLength(isMended ? 0 : 1);
});

test("every rule is tried", () => {
  const tried = new Set([...wrong.map(({ rule }) => rule), "policies/leaf-unprotected"]);
  expect(rules.map(({ name }) => name).toSorted()).toEqual([...tried].toSorted());
});

test.for([
  good,
  `CREATE POLICY p ON ${item} TO :app USING (user_id = (SELECT "S".me()))`,
  `CREATE POLICY p ON ${item} TO :app USING (user_id = "S".fixed())`,
  `CREATE POLICY p ON ${item} FOR SELECT TO :app USING ("S".may_see(id))`,
  `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (user_id IN (SELECT user_id FROM "S".member WHERE user_id = "S".me()))`,
  `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (user_id = ${me} OR (is_public AND ${me} IS NOT NULL))`,
  `CREATE POLICY p ON ${item} FOR SELECT TO :app USING (is_public AND kind = 'a')`,
  `${good} CREATE POLICY all_rows ON ${item} TO :owner USING (true)`,
  `${good} CREATE VIEW "S".v WITH (security_invoker = true) AS SELECT id FROM ${item}; GRANT SELECT ON "S".v TO :app`,
  `${good} CREATE VIEW "S".v AS SELECT id FROM ${item}`,
  `${good} CREATE INDEX ON ${item} (kind); CREATE UNIQUE INDEX ON ${item} (lower(kind))`,
  `${good} CREATE FUNCTION "S".f() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1'`,
  `${good} INSERT INTO ${item} SELECT i, gen_random_uuid() FROM generate_series(1, 10) i; RESET ROLE; ANALYZE ${item};
   CREATE POLICY p ON ${item} FOR SELECT TO :app USING (kind = (SELECT current_setting('app.kind', true)))`,
])("nothing to say: %s", async (sql) => {
  await using schema = await withSchema();
  await schema.run(sql);
  expect(await schema.lint()).toEqual([]);
});

test("policies/leaf-unprotected: partitions with rights, and without row security of their own", async () => {
  await using schema = await withSchema();
  await schema.run(`
    CREATE TABLE "S".event (user_id uuid PRIMARY KEY) PARTITION BY HASH (user_id);
    CREATE TABLE "S".event_0 PARTITION OF "S".event FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE "S".event_1 PARTITION OF "S".event FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    ALTER TABLE "S".event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON "S".event TO :app USING (user_id = ${me});
    GRANT SELECT ON "S".event, "S".event_1 TO :app; ${good}`);
  const findings = await schema.lint();
  expect(findings.map(({ rule, severity, message }) => [rule, severity, message])).toEqual([
    [
      "policies/leaf-unprotected",
      "error",
      `:app may name "S".event_1, a partition of "S".event, past its policies`,
    ],
    [
      "policies/leaf-unprotected",
      "warning",
      `"S".event_0, "S".event_1, partitions of "S".event, lack row security of their own: one grant on it would show every row`,
    ],
  ]);
  for (const finding of findings) await schema.run(fixOf(finding) ?? "the hint has no SQL");
  expect(await schema.lint()).toEqual([]);
});

test("looks at some tables only, inside a transaction, as the owner", async () => {
  await using schema = await withSchema();
  await schema.run(
    `CREATE TABLE "S".other (id integer); ALTER TABLE "S".other ENABLE ROW LEVEL SECURITY`,
  );
  const { oid } = await schema.session.one<{ oid: string }>(
    `select '"S".other'::regclass::oid::text as oid`,
  );
  await schema.run(`BEGIN; CREATE POLICY p ON "S".other USING (true)`);
  const findings = await schema.lint({}, new Set([Number(oid)]));
  expect(new Set(findings.map(({ object }) => object))).toEqual(
    new Set([`"S".other`, `"S".other.p`]),
  );
  await schema.run("ROLLBACK");
});

test("acknowledgements need a reason, end on their day, and must meet something", async () => {
  await using schema = await withSchema();
  await schema.run(`CREATE POLICY p ON ${item} FOR SELECT TO :app USING (true)`);
  const { writeFile } = await import("node:fs/promises");
  const write = (text: string) => writeFile(join(schema.directory, "lint.yaml"), text);
  const key = JSON.stringify(`${item}.p`);
  await write(
    `ignore:\n  policies/always-true:\n    ${key}: { reason: nobody's rows, until: 2030-06-30 }\n`,
  );
  expect(await schema.lint({ today: "2030-06-30" })).toEqual([]);
  const over = await schema.lint({ today: "2030-07-01" });
  expect(over.map(({ rule, at }) => [rule, at?.line])).toEqual([
    ["policies/always-true", undefined],
    ["policies/ignore-expired", 3],
  ]);
  await schema.run(`DROP POLICY p ON ${item}; ${good}`);
  const unused = await schema.lint({ today: "2030-07-01" });
  expect(unused).toEqual([
    {
      rule: "policies/ignore-unused",
      severity: "warning",
      message: `policies/always-true of ${item}.p is acknowledged (nobody's rows), and there is no such finding`,
      hint: "remove the line",
      object: `${item}.p`,
      at: { file: "policies/lint.yaml", line: 3, column: 5 },
    },
  ]);
  await write(`ignore:\n  policies/always-true:\n    x: { until: 2030-13-01 }\n`);
  await expect(schema.lint()).rejects.toMatchObject({ code: "config-invalid" });
  await write(`ignore:\n  policies/nonsense:\n    x: { reason: y }\n`);
  await expect(schema.lint()).rejects.toMatchObject({
    code: "config-invalid",
    message: expect.stringContaining("there is no rule `policies/nonsense`"),
  });
});
