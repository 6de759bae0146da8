/** anonymize init, check and preview as they are typed. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migration } from "../../support/migration-project.ts";
import { keyText } from "../../support/masking.ts";
import { type PolicyProject, withPolicies } from "../../support/policy-project.ts";

let project: PolicyProject;

beforeAll(async () => {
  project = await withPolicies({
    roles: [],
    migrations: {
      "001_create_people.sql": migration(
        `create table people (id int primary key, email text not null unique, birth_date date,
           gender text check (gender in ('f', 'm')), meta jsonb, tags text[], seen inet);
         create table logins (email text primary key references people (email), at timestamptz);`,
        "drop table logins; drop table people;",
      ),
    },
    policies: {},
  });
  await project.mustRun(["migrate"]);
  await project.sql.unsafe(`
    insert into people values (1, 'Ada@mail.test', '1990-05-17', 'f', '{"nick": "Ada"}', '{Ada}', '192.0.2.9');
    insert into logins values ('Ada@mail.test', now())`);
});
afterAll(() => project[Symbol.asyncDispose]());

const key = { PGWRIGHT_ANON_KEY: keyText };

describe("anonymize", () => {
  it("drafts rules that pass its own check, and overwrites nothing", async () => {
    const printed = await project.run(["anonymize", "init", "--dry-run"]);
    await project.mustRun(["anonymize", "init"]);
    const text = await readFile(join(project.path, "policies/masking.yaml"), "utf8");
    expect(printed.stdout.trim()).toBe(text.trim());
    expect(text).toContain("email: email # an e-mail address");
    expect(text).toContain("meta.nick: username # ");
    expect(text).toContain("'meta.**': scramble");
    const checked = await project.json(["anonymize", "check"]);
    expect(checked.body).toMatchObject({ result: { isSafe: true, masked: 7 }, findings: [] });
    expect(checked.code).toBe(0);
    const again = await project.json(["anonymize", "init"]);
    expect(again.body.error.code).toBe("file-exists");
  });

  it("previews without originals where stdout is no terminal", async () => {
    const shown = await project.json(["anonymize", "preview"], { env: key });
    expect(shown.body.result.tables[0].rows[0]).not.toHaveProperty("before");
    expect(shown.stdout).not.toMatch(/mail\.test|1990-05-17|192\.0\.2/);
    expect(shown.stdout).toContain("@example.com");
    const asked = await project.run(["anonymize", "preview", "public.people", "--show-originals"], {
      env: key,
    });
    expect(asked.stdout).toMatch(/Ada@mail\.test +\S+@example\.com/);
    expect(asked.stdout + asked.stderr + shown.stdout).not.toContain(keyText.slice(0, 12));
    const [logins, people] = shown.body.result.tables;
    expect(logins.rows[0].after.email).toBe(people.rows[0].after.email);
    const typo = await project.json(["anonymize", "preview", "public.peple"], { env: key });
    expect(typo.body.error).toMatchObject({
      code: "relation-unknown",
      hint: expect.stringContaining("public.people"),
    });
  });

  it("fails for a column that a pending migration adds, before any database has it", async () => {
    const before = await project.json(["anonymize", "check", "--from-migrations"]);
    expect(before.body).toMatchObject({ result: { isSafe: true } });
    const count = async () =>
      (
        await project.sql`select datname from pg_database where datname like 'pgwright\\_%\\_1\\_%'`
      ).map(({ datname }) => datname as string);
    const leftBefore = await count();
    await project.write(
      "002_add_phone.sql",
      migration("alter table people add phone_alt text;", "alter table people drop phone_alt;"),
    );
    const after = await project.json(["anonymize", "check", "--from-migrations"]);
    expect(after.code).toBe(1);
    expect(after.body.findings).toEqual([
      expect.objectContaining({
        rule: "masking/personal-column",
        object: "public.people.phone_alt",
      }),
    ]);
    expect(await count()).toEqual(leftBefore);
    expect((await project.run(["anonymize", "check"])).code).toBe(0);
  });

  it("reads documents of a live database to their leaves, and knows what pii.yaml knows", async () => {
    const text = (meta: string) =>
      `tables:
  public.people:
    columns:
      email: email
      birth_date: date_shift
      gender: shuffle
      seen: ip
      tags: scramble
      phone_alt: phone
${meta}`;
    await project.mustRun(["migrate"]);
    await project.sql
      .unsafe(`insert into people (id, email, meta) select n, 'p' || n || '@mail.test',
      json_build_object('nick', 'x', 'size', n, 'list', json_build_array(json_build_object('e mail', 'q' || n || '@mail.test')))
      from generate_series(10, 60) n`);
    await project.writePolicy("masking.yaml", text('      "meta.nick": username\n'));
    const found = async () => {
      const { body } = await project.json(["anonymize", "check"]);
      return body.findings.map(
        ({ rule, object }: { rule: string; object: string }) => `${rule} ${object}`,
      );
    };
    const place = 'public.people.meta.list[*]."e mail"';
    expect(await found()).toEqual([`masking/personal-path ${place}`]);
    // The migrations alone have no rows to tell.
    const scratch = await project.json(["anonymize", "check", "--from-migrations"]);
    expect(scratch.body.findings).toEqual([]);
    await project.writePolicy(
      "pii.yaml",
      `ignore: {'${place}': {reason: made up}, public.people.gone: {reason: it was}}`,
    );
    expect(await found()).toEqual(["pii/ignore-unused public.people.gone"]);
    await project.writePolicy("pii.yaml", "{}");
    await project.writePolicy(
      "masking.yaml",
      text(
        '      "meta.list[*].\\"e mail\\"": {mask: partial, last: 3}\n      "meta.**": scramble\n',
      ),
    );
    expect(await found()).toEqual([`masking/weak ${place}`]);
    await project.writePolicy("masking.yaml", text('      "meta.**": scramble\n'));
    expect(await found()).toEqual([]);
    await project.writePolicy(
      "pii.yaml",
      "ignore: {public.people.email: {reason: a list, until: 2020-01-01}}",
    );
    expect(await found()).toEqual(["pii/ignore-expired public.people.email"]);
    await project.writePolicy("pii.yaml", "{}");
    await project.sql`delete from people where id >= 10`;
  });

  it("names a weak mask of what says who somebody is, and a log that would hold keys", async () => {
    await project.writePolicy(
      "masking.yaml",
      `defaults: {unclassified: mask}
tables:
  public.people:
    columns:
      email: shuffle
`,
    );
    await project.sql.unsafe(
      `alter database "${project.database.name}" set log_min_duration_statement = 0`,
    );
    const { body } = await project.json(["anonymize", "check"]);
    expect(body.findings.map(({ rule }: { rule: string }) => rule)).toEqual(
      expect.arrayContaining(["masking/weak", "masking/logged-parameters"]),
    );
  });
});
