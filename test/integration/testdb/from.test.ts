/** `testdb create --from`: what dumps hold, and what cannot be loaded. */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dumpSource } from "../../../src/testdb/dump-source.ts";
import { serverUrl } from "../../support/database.ts";
import { withFolder } from "../../support/folder.ts";
import { withTestdbProject } from "../../support/testdb-project.ts";

test("a dump of pgwright gives the database that it was taken from", async () => {
  await using project = await withTestdbProject();
  const [{ url }] = (await project.result("create")).databases;
  const dump = async (database: string) => {
    const outcome = await project.run(["dump", "--url", database]);
    expect(outcome.code, outcome.stderr).toBe(0);
    return outcome.stdout;
  };
  const text = await dump(url);
  await project.write("schema.sql", text);
  const copy = await project.result("create", "--from", "schema.sql");
  expect(copy.template.isBuilt).toBe(true);
  expect(await dump(copy.databases[0].url)).toBe(text);
  await project.write("schema.sql", `${text}\n-- changed\n`);
  expect((await project.result("create", "--from", "schema.sql")).template.isBuilt).toBe(true);
});

// As pg_dump 18 writes it, with a row for each thing that COPY escapes.
const pgDump = String.raw`--
-- PostgreSQL database dump
--

\restrict 8aYb2cD4

SET statement_timeout = 0;
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TABLE public.notes (
    id integer NOT NULL,
    text text
);
CREATE TABLE public.empty (
    id integer
);

COPY public.notes (id, text) FROM stdin;
1	a tab\tand a line\nbreak
2	\N
3	a backslash \\ and COPY x FROM stdin;
4	Grüße, 😀
\.


COPY public.empty (id) FROM stdin;
\.

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (id);

\unrestrict 8aYb2cD4
`;

test("a dump of pg_dump is loaded with its rows", async () => {
  await using project = await withTestdbProject({ "dump.sql": pgDump });
  const [{ url }] = (await project.result("create", "--from", "dump.sql")).databases;
  const sql = project.connect(url);
  expect(await sql`select * from notes order by id`).toEqual([
    { id: 1, text: "a tab\tand a line\nbreak" },
    { id: 2, text: null },
    { id: 3, text: "a backslash \\ and COPY x FROM stdin;" },
    { id: 4, text: "Grüße, 😀" },
  ]);
  expect(await sql`select * from empty`).toEqual([]);
  expect(await sql`select conname from pg_constraint where contype = 'p'`).toContainEqual({
    conname: "notes_pkey",
  });
});

test("the pg_dump of this machine, where it is new enough, gives the same rows", async (context) => {
  await using project = await withTestdbProject();
  const [{ url }] = (await project.result("create")).databases;
  const { error, status, stdout, stderr } = spawnSync("pg_dump", ["--no-owner", url], {
    encoding: "utf8",
  });
  const isTooOld = stderr?.includes("server version mismatch");
  if (error || isTooOld) {
    const why = error?.message ?? stderr.trim();
    process.stderr.write(`SKIPPED: no dump by pg_dump itself is loaded: ${why}\n`);
    return context.skip(why);
  }
  expect(status, stderr).toBe(0);
  await project.write("dump.sql", stdout);
  const copy = await project.result("create", "--from", "dump.sql");
  expect(await project.connect(copy.databases[0].url)`select * from notes`).toEqual([
    { id: 1, text: "kept" },
  ]);
  expect(new URL(copy.databases[0].url).port).toBe(new URL(serverUrl()).port);
});

test.each([
  ["a mistake", "create table a ();\ncreate tabel b ();\n", 4, "2:8", "syntax error"],
  [
    "another command of psql",
    "create table a ();\n\\connect other\n",
    4,
    "2:1",
    "`\\connect other` is a command of psql",
  ],
  [
    "what the server refuses",
    "create table a ();\n\ncreate table a ();\n",
    4,
    "3:1",
    "already exists",
  ],
  [
    "rows that the server refuses",
    "create table a (id int);\ncopy a from stdin;\nx\n\\.\n",
    4,
    "2:1",
    "invalid input syntax",
  ],
])("%s is told with its place, and nothing is left", async (_, text, code, place, message) => {
  await using project = await withTestdbProject();
  await writeFile(join(project.path, "dump.sql"), text);
  const outcome = await project.run(["testdb", "create", "--from", "dump.sql", "--json"]);
  expect(outcome.code, outcome.stderr).toBe(code);
  const { error } = JSON.parse(outcome.stdout);
  expect(error.message).toContain(message);
  expect(`${error.at.line}:${error.at.column}`).toBe(place);
  expect(error.at.file).toBe("dump.sql");
});

test.each([
  ["drop database victim_of_dump with (force)", "drop database victim_of_dump"],
  ["create database more", "create database more"],
  ["alter database postgres set work_mem = '8MB'", "alter database postgres"],
  ["grant connect on database postgres to public", "grant connect on"],
  ["comment on database postgres is 'ours'", "comment on database"],
  ["create role app password 'secret'", "create role app"],
  ["alter user postgres nologin", "alter user postgres"],
  ["drop role if exists app", "drop role if"],
  ["grant pg_monitor to app", "grant pg_monitor to"],
  ["reassign owned by app to postgres", "reassign owned by"],
  ["drop owned by app", "drop owned by"],
  ["alter role app in database postgres set work_mem = '8MB'", "alter role app"],
  ["create tablespace fast location '/fast'", "create tablespace fast"],
  ["alter system set work_mem = '8MB'", "alter system set"],
  ["grant set on parameter log_statement to app", "grant set on"],
  [
    "create subscription s connection '' publication p with (connect = false)",
    "create subscription s",
  ],
  ["copy a to program 'touch /tmp/x'", "copy a to"],
  ["copy a from program 'true'", "copy a from"],
])("`%s` in a dump is refused before anything is run", async (statement, said) => {
  const text = `create table a(id int);\n\n  ${statement};\n`;
  await using folder = await withFolder({ "dump.sql": text });
  const path = join(folder.path, "dump.sql");
  const { fill } = dumpSource(path, "dump.sql");
  const nowhere = () => Promise.reject(new Error("a session was opened"));
  await expect(fill(nowhere, { events: () => {} })).rejects.toMatchObject({
    code: "testdb-refused",
    message: expect.stringContaining(`\`${said}\``),
    details: { at: { file: "dump.sql", line: 3, column: 3 } },
  });
});

test("a dump that would drop another database leaves it", async () => {
  await using project = await withTestdbProject();
  const victim = `${project.role}_victim`;
  await project.sql.unsafe(`create database ${victim}`);
  try {
    await project.write("dump.sql", `create table a(id int);\ndrop database ${victim};\n`);
    const outcome = await project.run(["testdb", "create", "--from", "dump.sql"]);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain(`\`drop database ${victim}\` concerns the server`);
    expect(await project.databases(victim)).toHaveLength(1);
  } finally {
    await project.sql.unsafe(`drop database if exists ${victim}`);
  }
});

test.each([
  ["", "it is empty"],
  ["\n \n", "it is empty"],
  ["-- nothing\n", "it holds no statement"],
])("the dump %j is refused", async (text, message) => {
  await using project = await withTestdbProject({ "dump.sql": text });
  const outcome = await project.run(["testdb", "create", "--from", "dump.sql"]);
  expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code: 4, stdout: "" });
  expect(outcome.stderr).toContain(`dump.sql cannot be loaded: ${message}`);
});

test("a dump that is not there is a mistake of the command line", async () => {
  await using project = await withTestdbProject();
  const outcome = await project.run(["testdb", "create", "--from", "nowhere.sql"]);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain("nowhere.sql, which cannot be read (ENOENT)");
});
