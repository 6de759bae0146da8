import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { protect } from "../../src/database/protection.ts";
import { renderAccess } from "../../src/policies/matrix/access-file.ts";
import { withDiary, type Diary } from "../support/access.ts";
import { connectTo } from "../support/connection.ts";

const expected = `rows:
  "\\"My Diary\\".\\"Note\\"": ann + ann public + ben + ben public
  "\\"My Diary\\".log": ann + ben
  "\\"My Diary\\".people": ann + ben

access:
  app:
    "\\"My Diary\\".\\"Note\\"":
      select: { user: own + own public + others public, nobody: others public }
      insert: { user: own + own public, nobody: none }
      update: { user: own + own public, nobody: none }
      delete: { user: own + own public, nobody: none }
    "\\"My Diary\\".\\"Public Note\\"":
      select: { user: own public + others public, nobody: others public }
    "\\"My Diary\\".log":
      select: { user: own, nobody: none, cleared: error 22P02 }
      insert: { user: own, nobody: none, cleared: error 22P02 }
      update: { user: own, nobody: none, cleared: error 22P02 }
      delete: { user: own, nobody: none, cleared: error 22P02 }
    "\\"My Diary\\".my_total":
      select: { user: own + others, nobody: others }
    "\\"My Diary\\".people":
      select: { user: own, nobody: none }
      insert: { user: own, nobody: none }
      update: { user: own, nobody: none }
      delete: { user: own, nobody: none }
    "\\"My Diary\\".total":
      select: { anyone: readable }
    "\\"My Diary\\".word":
      select: { anyone: untried }
  blind:
    "\\"My Diary\\".\\"Note\\"":
      update: { user: own + own public, nobody: none }
      delete: { user: own + own public + others + others public, nobody: others + others public }
  reader:
    "\\"My Diary\\".people":
      select: { user: own, nobody: none }
      select columns: { anyone: E-mail }
      update: { user: own, nobody: none }
      update columns: { anyone: secret }
`;

async function keptText(diary: Diary): Promise<string> {
  const text = diary.plain(await readFile(join(diary.directory, "access.yaml"), "utf8"));
  return text.slice(text.indexOf("rows:"));
}

test("measures every role, whatever rows are there already, and leaves nothing behind", async () => {
  await using diary = await withDiary();
  const first = await diary.test({ writes: true });
  expect(first.file.state).toBe("created");
  expect(await keptText(diary)).toBe(expected);
  expect(first.findings.map(({ rule, object }) => [rule, object])).toEqual([
    ["policies/test-view-blind", '"My Diary".total'],
    ["policies/test-row-missing", '"My Diary".word'],
  ]);

  await diary.run(`
    INSERT INTO "My Diary".people (id, "E-mail") SELECT gen_random_uuid(), i || '@example.invalid' FROM generate_series(1, 50) i;
    INSERT INTO "My Diary"."Note" (person_id, is_public, body) SELECT id, true, 'mine' FROM "My Diary".people;
    INSERT INTO "My Diary".log SELECT id, 'came' FROM "My Diary".people`);
  const second = await diary.test();
  expect(second.file.state).toBe("equal");
  expect(second.probes).toBe(first.probes);
  const [left] = await diary.database.sql`
    select (select count(*)::int from "My Diary".people) as people,
           (select count(*)::int from "My Diary"."Note") as notes,
           (select count(*)::int from "My Diary".log) as log`;
  expect(left).toEqual({ people: 50, notes: 50, log: 50 });
});

const changes: readonly { sql: string; undo: string; says: readonly string[] }[] = [
  {
    sql: `CREATE POLICY wide ON "My Diary"."Note" FOR DELETE TO :app USING (is_public)`,
    undo: `DROP POLICY wide ON "My Diary"."Note"`,
    says: [
      `role app may now DELETE others' public rows of "My Diary"."Note" (as user, without identity)`,
    ],
  },
  {
    sql: `ALTER POLICY own ON "My Diary"."Note" WITH CHECK (size < 5)`,
    undo: `DROP POLICY own ON "My Diary"."Note"; CREATE POLICY own ON "My Diary"."Note" TO :app, :blind
      USING (person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid))`,
    // 'mine' has four letters, 'for all' seven; the generated column is computed before policies are asked.
    says: [
      `role app may now INSERT others' rows of "My Diary"."Note" (as user, without identity); role app may no longer INSERT own public rows of "My Diary"."Note" (as user)`,
      `role app may no longer UPDATE own public rows of "My Diary"."Note" (as user)`,
      `role app may now give own rows of "My Diary"."Note" to somebody else (as user)`,
      `role blind may no longer UPDATE own public rows of "My Diary"."Note" (as user)`,
      `role blind may now give own rows of "My Diary"."Note" to somebody else (as user)`,
    ],
  },
  {
    sql: `DROP POLICY shown ON "My Diary"."Note"`,
    undo: `CREATE POLICY shown ON "My Diary"."Note" FOR SELECT TO :app USING (is_public)`,
    says: [
      `role app may no longer SELECT others' public rows of "My Diary"."Note" (as user, without identity)`,
      // A view that asks as its caller shows less as well.
      `role app may no longer SELECT others' rows of "My Diary".my_total (as user, without identity)`,
    ],
  },
  {
    sql: `ALTER TABLE "My Diary".people DISABLE ROW LEVEL SECURITY`,
    undo: `ALTER TABLE "My Diary".people ENABLE ROW LEVEL SECURITY`,
    says: [
      ...["SELECT", "INSERT", "UPDATE", "DELETE"].map(
        (verb) =>
          `role app may now ${verb} others' rows of "My Diary".people (as user, without identity)`,
      ),
      `role app may now give own rows of "My Diary".people to somebody else (as user); role app may now give others' rows of "My Diary".people to somebody else (as user, without identity)`,
      `role reader may now SELECT others' rows of "My Diary".people (as user, without identity)`,
      `role reader may now UPDATE others' rows of "My Diary".people (as user, without identity)`,
    ],
  },
  {
    sql: `ALTER POLICY own ON "My Diary".log USING (person_id = nullif(current_setting('app.person', true), '')::uuid)`,
    undo: `ALTER POLICY own ON "My Diary".log USING (person_id = current_setting('app.person', true)::uuid)`,
    says: ["select", "insert", "update", "delete"].map(
      (verb) =>
        `role app, ${verb} on "My Diary".log (with a cleared identity): no longer error 22P02`,
    ),
  },
  {
    sql: `GRANT SELECT ON "My Diary"."Note_1" TO :reader`,
    undo: `REVOKE SELECT ON "My Diary"."Note_1" FROM :reader`,
    says: [`role reader may now SELECT partitions of "My Diary"."Note" by their names`],
  },
  {
    sql: `GRANT UPDATE ("E-mail") ON "My Diary".people TO :reader`,
    undo: `REVOKE UPDATE ("E-mail") ON "My Diary".people FROM :reader`,
    says: [`role reader may now UPDATE the column E-mail of "My Diary".people`],
  },
  {
    sql: `GRANT TRUNCATE ON "My Diary".log TO :reader`,
    undo: `REVOKE TRUNCATE ON "My Diary".log FROM :reader`,
    says: [`role reader may now TRUNCATE "My Diary".log`],
  },
  {
    sql: `GRANT SELECT ON "My Diary".log TO :reader`,
    undo: `REVOKE SELECT ON "My Diary".log FROM :reader`,
    says: [`role reader now holds SELECT on "My Diary".log, though no policy lets a row through`],
  },
  {
    sql: `REVOKE INSERT ON "My Diary".people FROM :app`,
    undo: `GRANT INSERT ON "My Diary".people TO :app`,
    says: [`role app may no longer INSERT own rows of "My Diary".people (as user)`],
  },
  {
    sql: `ALTER VIEW "My Diary".my_total SET (security_invoker = false); ALTER VIEW "My Diary"."Public Note" SET (security_invoker = true)`,
    undo: `ALTER VIEW "My Diary".my_total SET (security_invoker = true); ALTER VIEW "My Diary"."Public Note" RESET (security_invoker)`,
    // Own totals and public ones show a person's identity before and after.
    says: [],
  },
  {
    sql: `REVOKE USAGE ON SCHEMA "My Diary" FROM :blind`,
    undo: `GRANT USAGE ON SCHEMA "My Diary" TO :blind`,
    says: [
      `role blind may no longer UPDATE own rows of "My Diary"."Note" (as user); role blind may no longer UPDATE own public rows of "My Diary"."Note" (as user)`,
      `role blind may no longer DELETE own rows of "My Diary"."Note" (as user); role blind may no longer DELETE own public rows of "My Diary"."Note" (as user); role blind may no longer DELETE others' rows of "My Diary"."Note" (as user, without identity); role blind may no longer DELETE others' public rows of "My Diary"."Note" (as user, without identity)`,
    ],
  },
];

test("tells every change of who may do what, and where the file says otherwise", async () => {
  await using diary = await withDiary();
  await diary.test({ writes: true });
  for (const { sql, undo, says } of changes) {
    await diary.run(sql);
    const { file, findings } = await diary.test();
    const told = findings.filter(({ rule }) => rule === "policies/access-changed");
    expect(told.map(({ message }) => diary.plain(message)).toSorted(), sql).toEqual(
      says.toSorted(),
    );
    expect(file.state).toBe(says.length > 0 ? "differs" : "equal");
    for (const { severity, at } of told) {
      expect(severity).toBe("error");
      expect(at?.file).toBe("policies/access.yaml");
    }
    await diary.run(undo);
    expect((await diary.test()).file.state, undo).toBe("equal");
  }
});

test("says what was and what is", async () => {
  await using diary = await withDiary();
  await diary.test({ writes: true });
  await diary.run(`CREATE POLICY wide ON "My Diary"."Note" FOR DELETE TO :app USING (is_public)`);
  const { findings } = await diary.test();
  expect(findings[0]?.hint).toBe(
    "before: user: own + own public, nobody: none; now: user: own + own public + others public, nobody: others public; if that is meant: `pgwright policies test --write`",
  );
  const lines = (await readFile(join(diary.directory, "access.yaml"), "utf8")).split("\n");
  expect(lines[(findings[0]?.at?.line ?? 0) - 1]).toBe(
    "      delete: { user: own + own public, nobody: none }",
  );
});

test("a role or a row more is told", async () => {
  await using diary = await withDiary();
  await diary.test({ writes: true });
  const path = join(diary.directory, "test.sql");
  const rows = await readFile(path, "utf8");
  await writeFile(path, `${rows}\n-- rows: nobody\nINSERT INTO "My Diary".word VALUES ('dear');\n`);
  await diary.run(`REVOKE ALL ON "My Diary"."Note" FROM :blind`);
  const { findings } = await diary.test();
  expect(
    findings
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => diary.plain(message)),
  ).toEqual([
    `other rows of "My Diary".word are tried than policies/access.yaml was written for: shared instead of none`,
    `role app may now SELECT rows that are nobody's of "My Diary".word (as user, without identity)`,
    "role blind holds no rights any more, or is not there",
  ]);
});

test("without a file, exit 1 says what to type; a dry run prints and writes nothing", async () => {
  await using diary = await withDiary();
  const missing = await diary.test();
  expect(missing.file.state).toBe("missing");
  expect(missing.findings).toContainEqual(
    expect.objectContaining({
      rule: "policies/access-missing",
      severity: "error",
      hint: "`pgwright policies test --write` writes it; read it and commit it",
    }),
  );
  const dry = await diary.test({ writes: true, dryRun: true });
  expect(diary.plain(dry.text ?? "")).toContain(expected);
  expect((await diary.test()).file.state).toBe("missing");
  expect((await diary.test({ writes: true })).file.state).toBe("created");
  expect((await diary.test({ writes: true })).file.state).toBe("unchanged");
  await writeFile(join(diary.directory, "access.yaml"), "rows: {}\nacces: {}\n");
  await expect(diary.test()).rejects.toMatchObject({ code: "config-invalid" });
  expect((await diary.test({ writes: true })).file.state).toBe("changed");
  await rm(join(diary.directory, "test.sql"));
  expect((await diary.test()).findings.map(({ rule }) => rule)).toEqual([
    "policies/test-file-missing",
  ]);
});

test("a protected database is refused", async () => {
  await using diary = await withDiary();
  await expect(diary.test({ protectedBy: "production" })).rejects.toMatchObject({
    code: "database-protected",
  });
  await using session = await connectTo(diary.database.url);
  await protect(session, null);
  await expect(diary.test()).rejects.toMatchObject({ code: "database-protected" });
});

test("roles that policies do not hold for are no answer", async () => {
  await using diary = await withDiary();
  const path = join(diary.directory, "test.sql");
  const rows = await readFile(path, "utf8");
  await diary.run(
    `ALTER TABLE "My Diary".log NO FORCE ROW LEVEL SECURITY; GRANT :owner TO :reader; ALTER ROLE :blind BYPASSRLS`,
  );
  await writeFile(
    path,
    `-- roles: ${diary.role.blind}, postgres, ${diary.role.reader}, nemo\n${rows}`,
  );
  const { roles, findings } = await diary.test();
  expect(roles).toEqual([]);
  expect(
    findings.map(({ rule, severity, message }) => [rule, severity, diary.plain(message)]),
  ).toEqual([
    ["policies/test-role", "error", "there is no role nemo, which policies/test.sql names"],
    [
      "policies/test-role",
      "error",
      "role blind has BYPASSRLS: policies do not hold for it, so there is nothing to try",
    ],
    [
      "policies/test-role",
      "error",
      `role reader owns "My Diary".log, whose policies do not hold for it`,
    ],
    [
      "policies/test-role",
      "error",
      "role postgres is a superuser: policies do not hold for it, so there is nothing to try",
    ],
  ]);
});

test("a tester who is no superuser is told the single right that is missing", async () => {
  await using diary = await withDiary();
  const tester = `${diary.role.owner}_tester`;
  const url = new URL(diary.database.url);
  url.username = tester;
  await diary.run(`CREATE ROLE ${tester} LOGIN`);
  try {
    await diary.test({ writes: true });
    const { roles, findings } = await diary.test({}, url.href);
    expect(roles).toEqual([]);
    const grants = findings.filter(({ rule }) => rule === "policies/test-role");
    expect(grants).toHaveLength(3);
    for (const { hint } of grants) await diary.run(hint ?? "");
    const refusal = await diary.test({}, url.href).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "role-unusable" });
    await diary.run((refusal as { details: { hint: string } }).details.hint);
    expect((await diary.test({}, url.href)).file.state).toBe("equal");
  } finally {
    await diary.run(`DROP ROLE ${tester}`);
  }
});

test("a lock that somebody holds is no answer about rights", async () => {
  await using diary = await withDiary();
  await using blocker = await connectTo(diary.database.url);
  await blocker.script(`BEGIN; LOCK "My Diary".word IN ACCESS EXCLUSIVE MODE`);
  await expect(diary.test({ lockTimeoutMs: 100 })).rejects.toMatchObject({ code: "lock-timeout" });
});

const head = `-- identity: app.person
-- user: ann = 00000000-0000-4000-8000-00000000000a
-- user: ben = 00000000-0000-4000-8000-00000000000b
`;

test.for<[string, string, number]>([
  ["SELECT 1", "nothing says which setting carries the identity", 1],
  [`-- identity: person`, "`person` is not the name of a setting", 1],
  [`${head}-- user: own = x`, "`own` has a meaning of its own; choose another name", 4],
  [`${head}-- user: cid`, "`-- user:` needs a name and a value", 4],
  [`${head}-- user: ann = x`, "the name or value of `ann` is there twice", 4],
  [`${head}-- rows: cid\n`, "nobody is called `cid`", 4],
  [`${head}INSERT INTO "My Diary".word VALUES ('a')`, "nothing says whose these rows are", 4],
  [
    `${head}-- rows: ann\nTRUNCATE "My Diary".word`,
    "only INSERT, UPDATE, DELETE and REFRESH MATERIALIZED VIEW may stand here",
    5,
  ],
  [
    `${head}-- rows: ann\nINSERT INTO "My Diary".word VALUES ('a') RETURNING 1`,
    "RETURNING is added to these statements, so they cannot have their own",
    5,
  ],
  [`${head}INSERT INTO`, "syntax error at end of input", 4],
  [
    `${head}-- rows: ann\nINSERT INTO nowhere VALUES (1)`,
    'the row could not be made: relation "nowhere" does not exist',
    5,
  ],
  [
    `${head}-- rows: ann\nINSERT INTO "My Diary".word SELECT 'a' WHERE false`,
    'the row could not be made: it made no row of "My Diary".word',
    5,
  ],
  [
    `${head}-- rows: ann\nINSERT INTO "My Diary"."Note_0" (person_id, body) VALUES (gen_random_uuid(), 'a')`,
    'the row could not be made: "My Diary"."Note_0" is no table whose rights are tried: name the root of a partitioned table, and no view',
    5,
  ],
  [
    `${head}-- rows: ann\nINSERT INTO "My Diary".log VALUES (NULL, 'a');\nDELETE FROM "My Diary".log`,
    'a row of "My Diary".log (ann) is not there any more after the last statement',
    0,
  ],
])("test.sql: %s", async ([text, message, line]) => {
  await using diary = await withDiary(text);
  const { findings, probes } = await diary.test();
  expect(probes).toBe(0);
  const finding = findings.find((one) => one.message === message);
  expect(finding, JSON.stringify(findings)).toMatchObject({ severity: "error" });
  expect(finding?.at?.line ?? 0).toBe(line);
});

test("the file quotes what YAML would read as something else", () => {
  const text = renderAccess({
    rows: { "a.b": "own" },
    access: { null: {}, "a: b": { true: { select: { user: "own 1/2", "x-y": "A: b" } } } },
  });
  expect(text.slice(text.indexOf("rows:"))).toBe(`rows:
  a.b: own

access:
  "a: b":
    "true":
      select: { user: own 1/2, x-y: "A: b" }
  "null": {}
`);
});

test("a row that a role may read no key of is told from one that is only equal", async () => {
  const rows = await readFile(
    join(import.meta.dirname, "..", "fixtures", "access", "diary.rows.sql"),
    "utf8",
  );
  await using diary = await withDiary(rows.replace("ben@example.invalid", "ANN@example.invalid"));
  await diary.run(`
    CREATE COLLATION "My Diary".nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    ALTER TABLE "My Diary".people DROP CONSTRAINT "people_E-mail_key";
    ALTER TABLE "My Diary".people ALTER "E-mail" TYPE text COLLATE "My Diary".nocase`);
  await diary.test({ writes: true });
  expect(await keptText(diary)).toBe(expected);
});
