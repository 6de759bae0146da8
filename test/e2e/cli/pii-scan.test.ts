/** `pii-scan` as the built command line shows it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const shop = {
  "001_shop.sql": migration(
    `create table customers (id int primary key, email text, meta jsonb);
insert into customers select n, 'person' || n || '@example.com',
  jsonb_build_object('contacts', jsonb_build_array(jsonb_build_object('phone', '+44 20 7946 0' || 100 + n)))
from generate_series(1, 200) n;
create table jobs (state text, version text);
insert into jobs select 'pending', '1.2.' || n % 7 || '.' || n % 20 from generate_series(1, 200) n;
analyze;`,
    "drop table customers; drop table jobs;",
  ),
};

test("text, JSON, annotations, an ignore list and a baseline", async () => {
  await using project = await withMigrations(shop);
  await project.mustRun(["migrate"]);
  const listed = await project.run(["pii-scan"]);
  expect([listed.code, listed.stdout.replace(/p\*+@/, "p***@")]).toEqual([
    0,
    `public.customers
  email                   email  certain 1.00
    the name says an e-mail address: email
    the table is about people
    200 of 200 different values look like an e-mail address, like p***@e******.***
  meta.contacts[*].phone  phone  certain 1.00
    the name says a telephone number: phone
    the table is about people
    200 of 200 different values look like a telephone number, like +** ** **** ****

5 columns of 2 tables, 400 rows read, a random sample: personal data in 2 columns (2 certain)
`,
  ]);
  expect(listed.stderr).toContain("sampling 5 columns of 2 tables");

  const json = await project.json(["pii-scan", "--fast"]);
  expect(json.body).toMatchObject({
    command: "pii-scan",
    ok: true,
    findings: [],
    result: {
      level: "fast",
      tables: 2,
      columns: 5,
      rows: 0,
      ignored: 0,
      baseline: null,
      unread: [],
    },
  });
  expect(json.body.result.personal[1]).toMatchObject({
    schema: "public",
    table: "customers",
    column: "meta",
    path: "meta.contacts[*].phone",
    entity: "phone",
    level: "certain",
    direct: true,
  });
  expect(json.stdout + listed.stdout).not.toMatch(/person\d|7946/);

  const github = await project.run(["pii-scan", "--format", "github"]);
  expect(github.stdout).toContain(
    "::warning title=pii/email::public.customers.email holds email (certain, 1.00)",
  );

  await writeFile(join(project.path, "base.json"), json.stdout);
  const same = await project.run(["pii-scan", "--baseline", "base.json", "--fail-on", "possible"]);
  expect([same.code, same.stdout]).toEqual([
    0,
    "5 columns of 2 tables, 400 rows read, a random sample: no personal data that the baseline does not have\n2 findings as in the baseline, 0 of it no more\n",
  ]);
  await project.sql`alter table customers add phone_alt text`;
  const more = await project.run(["pii-scan", "--baseline", "base.json", "--fail-on", "likely"]);
  expect([more.code, more.stdout]).toEqual([
    1,
    expect.stringMatching(/^public\.customers\n {2}phone_alt {2}phone {2}likely 0\.94\n/),
  ]);
  expect(
    (await project.run(["pii-scan", "--baseline", "base.json", "--fail-on", "certain"])).code,
  ).toBe(0);

  await mkdir(join(project.path, "policies"));
  await writeFile(
    join(project.path, "policies/pii.yaml"),
    `ignore:
  public.customers.email: { reason: made up, until: 2020-01-31 }
  public.customers.meta: { reason: made up }
  public.customers.phone_alt: { reason: made up, entity: phone }
  public.customers.gone: { reason: made up }
`,
  );
  const ignored = await project.json(["pii-scan"]);
  expect(ignored.body.result).toMatchObject({ ignored: 2, personal: [{ column: "email" }] });
  expect(ignored.body.findings).toMatchObject([
    { rule: "pii/ignore-expired", at: { file: "policies/pii.yaml", line: 2, column: 3 } },
    { rule: "pii/ignore-unused", object: "public.customers.gone", at: { line: 5 } },
  ]);
});

test("what is typed wrong is told", async () => {
  await using project = await withMigrations({});
  const both = await project.run(["pii-scan", "--fast", "--full"]);
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("cannot be used with")]);
  const missing = await project.run(["pii-scan", "--baseline", "none.json"]);
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining("the baseline none.json does not exist"),
  ]);
  await writeFile(join(project.path, "other.json"), '{"command":"status"}');
  const other = await project.run(["pii-scan", "--baseline", "other.json"]);
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining("is no output of `pgwright pii-scan --json`"),
  ]);
  await mkdir(join(project.path, "policies"));
  await writeFile(
    join(project.path, "policies/pii.yaml"),
    "ignore:\n  a.b.c: { reasn: x, entity: emial }\n",
  );
  const wrong = await project.run(["pii-scan"]);
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/unknown key `reasn`; did you mean `reason`/),
  ]);
  expect(wrong.stderr).toContain("must be one of email, phone");
  const empty = await project.run([
    "pii-scan",
    "--fail-on",
    "possible",
    "--schema",
    "public",
    "--config",
    "pgwright.yaml",
  ]);
  expect(empty.code).toBe(2);
});
