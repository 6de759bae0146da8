/** The handbook of a schema as its readers meet it: files, links, what is escaped, the page in a browser. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasBrowser, openPage } from "../../support/browser.ts";
import { withPolicies, type PolicyProject } from "../../support/policy-project.ts";
import { migration } from "../../support/migration-project.ts";

if (!hasBrowser) console.warn("SKIPPED: no Chromium is installed, so the page is not laid out");

let project: PolicyProject;

beforeAll(async () => {
  project = await withPolicies({
    roles: ["reader", "writer"],
    migrations: {
      "001_shop.sql": migration(
        `create schema "Odd | <b>";
         create type mood as enum ('fine', 'so | so');
         comment on type mood is 'How *somebody* feels';
         create domain "Odd | <b>".positive as int check (value > 0);
         create table people (id int generated always as identity primary key, email text not null unique,
           boss int references people, "select" mood default 'fine', doubled int generated always as (id * 2) stored);
         comment on table people is E'Whoever <script>alert(1)</script> buys | sells.\\n# Not a heading';
         comment on column people.email is 'Where \`letters\` go, see https://example.invalid/x';
         create table "Odd | <b>"."Or""der 🛒" (no "Odd | <b>".positive, person int not null references people on delete cascade,
           placed_at timestamptz not null, primary key (no, placed_at)) partition by range (placed_at);
         create table orders_old partition of "Odd | <b>"."Or""der 🛒" for values from (minvalue) to ('2026-01-01');
         alter table people enable row level security;
         create policy own on people for select to $reader using (id::text = current_user);
         create view bosses as select boss from people where boss is not null;
         create index people_lower on people (lower(email)) where boss is null;
         grant select, update (email) on people to $reader;
         grant select on bosses to public;
         grant insert on people to $writer with grant option;`,
        `drop view bosses; drop table "Odd | <b>"."Or""der 🛒", people; drop domain "Odd | <b>".positive; drop type mood; drop schema "Odd | <b>";`,
      ),
    },
    policies: {
      "masking.yaml": `tables:\n  public.people:\n    columns:\n      email: email\n      boss: { keep: true, reason: a number }\n`,
    },
  });
  await project.sql.unsafe(
    `create role ${project.role("reader")}; create role ${project.role("writer")}`,
  );
  await project.mustRun(["migrate"]);
});

afterAll(() => project[Symbol.asyncDispose]());

const file = (...names: string[]) =>
  readFile(join(project.path, "docs/database", ...names), "utf8");

test("it says what it would write, writes it, and is then up to date", async () => {
  const planned = await project.run(["docs", "build", "--dry-run"]);
  expect(planned.stdout).toMatch(/^created +docs\/database\/README\.md\n[^]*not written: 2 tables/);
  await expect(file("README.md")).rejects.toThrow("ENOENT");
  const missing = await project.json(["docs", "build", "--check"]);
  expect([missing.code, missing.body.findings.length]).toEqual([1, 4]);
  const { body, code } = await project.json(["docs", "build"]);
  expect(code).toBe(0);
  expect(body.result.counts).toMatchObject({ tables: 2, views: 1, references: 2 });
  expect(body.result.files.map(({ path }: { path: string }) => path)).toEqual([
    "README.md",
    "schemas/~4f~dd~20~~7c~~20~~3c~b~3e~.md",
    "schemas/public.md",
    "index.html",
  ]);
  expect((await project.run(["docs", "build"])).stdout).toMatch(/^docs\/database is up to date/);
  const checked = await project.run(["docs", "build", "--check"]);
  expect([checked.code, checked.stdout]).toEqual([
    0,
    expect.stringMatching(/^docs\/database is the handbook of this schema: 2 tables/),
  ]);
});

test("Markdown has every part, and nothing of the database becomes markup", async () => {
  const text = await file("schemas", "public.md");
  expect(text).toContain(
    String.raw`Whoever \<script\>alert(1)\</script\> buys \| sells. # Not a heading`,
  );
  expect(text).toContain(
    "| `email` | `text` | no | unique |  | Where \\`letters\\` go, see https://example.invalid/x | an e-mail address; masked by email |",
  );
  expect(text).toContain("| `id` | `integer` | no | PK | `identity, always` |");
  expect(text).toContain("| `doubled` | `integer` | yes |  | `generated as (id * 2)` |");
  expect(text).toContain("kept: a number");
  expect(text).toContain("- `people_lower`: `USING btree (lower(email)) WHERE (boss IS NULL)`");
  expect(text).toContain(`| \`${project.role("reader")}\` | SELECT, UPDATE (email) |`);
  expect(text).toContain("INSERT with grant option");
  expect(text).toContain("| everybody | SELECT |");
  expect(text).toMatch(/- `own`: SELECT for reader_\w+, using `\(\(id\)::text = CURRENT_USER\)`/);
  expect(text).toContain('"public.people" }o--o| "public.people" : "boss"');
  expect(text).toMatch(
    /\| <a id="public\.type\.mood"><\/a>`public\.mood` \| enum \| `fine`, `so \\\| so` \| How \\\*somebody\\\* feels \|/,
  );
  const odd = await file("schemas", "~4f~dd~20~~7c~~20~~3c~b~3e~.md");
  expect(odd).toContain("By `RANGE (placed_at)`.");
  expect(odd).not.toContain("orders_old");
  expect(odd).toContain("](public.md#public.people) `id`, on delete cascade");
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  for (const anchor of links) expect(text).toContain(`<a id="${anchor}">`);
});

test("a changed schema fails the check, a schema that is gone takes its file along", async () => {
  await project.sql`comment on column people.boss is 'Another person'`;
  await project.sql`create schema late create table t (id int)`;
  const { body, code } = await project.json(["docs", "build", "--check"]);
  expect(code).toBe(1);
  expect(body.findings.map(({ message }: { message: string }) => message)).toEqual([
    "docs/database/README.md is not what the schema says now",
    "docs/database/schemas/late.md is not there",
    "docs/database/schemas/public.md is not what the schema says now",
    "docs/database/index.html is not what the schema says now",
  ]);
  await project.mustRun(["docs", "build"]);
  await project.sql`drop schema late cascade`;
  const { stdout } = await project.run(["docs", "build"]);
  expect(stdout).toContain("removed  docs/database/schemas/late.md");
  expect(await readdir(join(project.path, "docs/database/schemas"))).not.toContain("late.md");
});

test("files of somebody else are left alone", async () => {
  await writeFile(join(project.path, "README.md"), "# Mine\n");
  const { code, stderr } = await project.run(["docs", "build", "-o", "."]);
  expect(code).toBe(2);
  expect(stderr).toContain("was not written by pgwright docs build");
  expect(await readFile(join(project.path, "README.md"), "utf8")).toBe("# Mine\n");
  expect(await readdir(project.path)).not.toContain("index.html");
  expect((await project.run(["docs", "build", "--check", "--sizes"])).code).toBe(2);
});

test("sizes are there where they are asked for", async () => {
  await project.sql`insert into people (email) select n::text from generate_series(1, 1000) n`;
  await project.sql`analyze people`;
  await project.mustRun(["docs", "build", "--sizes", "-o", "now"]);
  const odd = await readFile(
    join(project.path, "now/schemas/~4f~dd~20~~7c~~20~~3c~b~3e~.md"),
    "utf8",
  );
  expect(odd).toContain("| `public.orders_old` |");
  const text = await readFile(join(project.path, "now/schemas/public.md"), "utf8");
  expect(text).toMatch(/Table `public\.people`, owned by `\w+`\. [\d.]+ kB, about 1,000 rows\./);
  const again = await project.json(["docs", "build", "--check"]);
  expect(again.code).toBe(0);
});

test("the page loads nothing, runs its one script, and takes nothing of the database for markup", async () => {
  const page = await file("index.html");
  expect(page).not.toMatch(/<link|<img|@import|https?:\/\/(?!example\.invalid)/i);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toMatch(/script-src 'sha256-[A-Za-z0-9+/=]{44}'/);
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  if (!hasBrowser) return;
  const { stdout, stderr } = await openPage(page);
  expect(stderr).not.toMatch(/CONSOLE/);
  // The script has run under the page's own policy: the field is there.
  expect(stdout).toMatch(/<input class="search"(?![^>]* hidden)[^>]*>/);
});
