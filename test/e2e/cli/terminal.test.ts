/** What a person sees and does at a terminal. */
import { describe, expect, test } from "vitest";
import { urlOf, withDatabase } from "../../support/database.ts";
import { withFolder } from "../../support/folder.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { hasTmux, withScreen } from "../../support/screen.ts";

if (!hasTmux) console.warn("SKIPPED: tmux is not installed, so nothing is tested at a terminal");
const frames = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

describe.skipIf(!hasTmux)("at a terminal", () => {
  test("a narrow screen: tables and sentences are wrapped at words, and a caret stays in place", async () => {
    await using project = await withMigrations({
      "001_create_users.sql": migration("create table users (id int);", "drop table users;"),
      "002_add_a_full_text_search_of_posts.sql": migration(
        "select 'a long line, so that the end of it has to be cut away', emial from users;",
        "select 1;",
      ),
    });
    const options = { cwd: project.path, columns: 60 };
    const args = ["--url", project.database.url];
    await using failing = await withScreen(["migrate", ...args], options);
    const { code, text } = await failing.finish();
    expect(code).toBe(4);
    expect(text).not.toMatch(frames);
    const lines = text.split("\n");
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    const caret = lines.findIndex((line) => line.includes("^^^"));
    const [from, to] = [lines[caret]?.indexOf("^") ?? 0, lines[caret]?.lastIndexOf("^") ?? 0];
    expect(lines[caret - 1]?.slice(from, to + 1)).toBe("emial");
    await using status = await withScreen(["status", ...args], options);
    const table = (await status.finish()).text;
    expect(table).toMatch(/^001 +applied +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +minor +create users$/m);
    // The description takes several lines, each below the other.
    expect(table).toMatch(/^002 +pending +.*add a\b.*\n {30,}\w/m);
  });

  test("a spinner shows what runs, and leaves nothing behind", async () => {
    await using project = await withMigrations({
      "001_slow.sql": migration(
        "do $$ begin raise notice 'on the way'; end $$; select pg_sleep(3);",
        "select 1;",
      ),
    });
    const args = ["migrate", "--url", project.database.url];
    await using screen = await withScreen(args, { cwd: project.path, columns: 100 });
    await screen.waitFor(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] 001_slow.sql/);
    expect(await screen.isCursorVisible()).toBe(false);
    // Work that lasts says for how long.
    await screen.waitFor(/001_slow.sql.* 2\.0 s/);
    const { code, text } = await screen.finish();
    expect(code).toBe(0);
    expect(text.split("\n").slice(1)).toEqual([
      "001_slow.sql: on the way",
      expect.stringMatching(/^✓ 001_slow.sql minor → 0\.1\.0 \d\.\d s$/),
      "Applied 1 migration: schema version 0.1.0",
    ]);
    expect(await screen.isCursorVisible()).toBe(true);
  });

  test("Ctrl-C stops the work and says so; the cursor is back", async () => {
    await using project = await withMigrations({
      "001_slow.sql": migration("select pg_sleep(60);", "select 1;"),
    });
    const args = ["migrate", "--url", project.database.url];
    await using screen = await withScreen(args, { cwd: project.path, columns: 100 });
    await screen.waitFor("001_slow.sql");
    await screen.press("C-c");
    const { code, text } = await screen.finish();
    expect(code).toBe(130);
    expect(text).toContain("\nstopping; Ctrl-C again leaves at once\n");
    expect(text).toContain("error[interrupted]: interrupted in 001_slow.sql");
    expect(text).not.toMatch(frames);
    expect(await screen.isCursorVisible()).toBe(true);
  });

  test("destructive work asks for the name, and takes only that", async () => {
    await using database = await withDatabase();
    await using folder = await withFolder();
    const drop = () =>
      withScreen(["db", "drop", "--url", database.url], { cwd: folder.path, columns: 100 });
    const exists = async () =>
      (await database.sql`select from pg_database where datname = ${database.name}`).length === 1;
    const question = "Type the database's name to go on: ";
    for (const keys of [["C-c"], ["C-d"]]) {
      await using screen = await drop();
      await screen.waitFor(question.trimEnd());
      await screen.press(...keys);
      const { code, text } = await screen.finish();
      expect(code).toBe(130);
      expect(text).toContain(
        `${question.trimEnd()}\nerror[interrupted]: interrupted at the question`,
      );
    }
    await using wrong = await drop();
    await wrong.waitFor(question.trimEnd());
    await wrong.press("something else", "Enter");
    expect((await wrong.finish()).code).toBe(2);
    expect(await exists()).toBe(true);
    await database.sql.end();
    await using right = await drop();
    await right.waitFor(question.trimEnd());
    await right.press(database.name, "Enter");
    expect(await right.finish()).toMatchObject({
      code: 0,
      text: expect.stringContaining("Dropped database"),
    });
  });

  test("colours are there, and NO_COLOR and TERM=dumb take them away", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "migrations: {}\n" });
    const show = async (env: Record<string, string>) => {
      const args = ["config", "show", "--url", urlOf("shop")];
      await using screen = await withScreen(args, { cwd: folder.path, columns: 140, env });
      await screen.finish();
      return (await screen.readColored()).includes("\u001b[");
    };
    expect(await show({})).toBe(true);
    expect(await show({ NO_COLOR: "1" })).toBe(false);
    expect(await show({ TERM: "dumb" })).toBe(false);
  });
});
