/** The handbook's page in a browser: at three widths, with search, small and large. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { hasBrowser, measurePage } from "../../support/browser.ts";
import { runCommand } from "../../support/cli.ts";
import { withDatabase } from "../../support/database.ts";
import { withFolder } from "../../support/folder.ts";

if (!hasBrowser) console.warn("SKIPPED: no Chromium is installed, so no page is laid out");

const root = join(import.meta.dirname, "..", "..", "..");

/** 300 tables in six schemas, each with up to three references to earlier ones, some with one to itself. */
const large = `
do $$
declare target int;
begin
  for n in 1..6 loop execute format('create schema area_%s', n); end loop;
  for n in 1..300 loop
    execute format('create table area_%s.%I (id bigint primary key, name text not null, noted_at timestamptz)',
      n % 6 + 1, 'table_with_a_number_' || n);
    execute format('comment on table area_%s.%I is %L', n % 6 + 1, 'table_with_a_number_' || n, 'Number ' || n || '. More.');
    if n % 7 = 0 then
      execute format('alter table area_%s.%I add column parent bigint references area_%1$s.%2$I', n % 6 + 1, 'table_with_a_number_' || n);
    end if;
    for k in 1..(n % 4) loop
      -- One in three refers to one of a few that all know; others to whatever was before them.
      target := case when (n * k) % 3 = 0 then 1 + n % 5 else 1 + (n * n * 31 + k * 17) % greatest(n - 1, 1) end;
      continue when target >= n;
      execute format('alter table area_%s.%I add column ref_%s bigint references area_%s.%I',
        n % 6 + 1, 'table_with_a_number_' || n, k, target % 6 + 1, 'table_with_a_number_' || target);
    end loop;
  end loop;
end $$`;

const pages: Record<string, string> = {};

beforeAll(async () => {
  pages["FitnessHub"] = await readFile(join(root, "docs/fitnesshub/index.html"), "utf8");
  await using database = await withDatabase();
  await using folder = await withFolder();
  await database.sql.unsafe(large);
  const { code, stderr } = await runCommand(["docs", "build", "-o", ".", "--sizes"], {
    cwd: folder.path,
    env: { DATABASE_URL: database.url },
  });
  if (code !== 0) throw new Error(stderr);
  pages["300 tables"] = await readFile(join(folder.path, "index.html"), "utf8");
});

const measure = `
  const doc = document.documentElement;
  const isInside = (one) => one.closest(".scroll, svg, pre, .tables");
  const wide = [...document.querySelectorAll("body *")].filter((one) => !isInside(one) && one.getBoundingClientRect().right > doc.clientWidth + 1);
  const boxes = [...document.querySelectorAll(".erd")].map((one) => one.getBoundingClientRect());
  const size = parseFloat(getComputedStyle(document.querySelector(".erd svg")).fontSize);
  const drawing = document.querySelector(".erd svg");
  return { scroll: doc.scrollWidth, wide: wide.map((one) => one.outerHTML.slice(0, 90)).slice(0, 5),
    cut: [...document.querySelectorAll(".erd svg")].filter((svg) => [...svg.querySelectorAll(".edges path, a rect")].some((one) => {
      const { x, y, width, height } = one.getBBox(), whole = svg.viewBox.baseVal;
      return x < 0 || y < 0 || x + width > whole.width || y + height > whole.height; })).length,
    empty: [...document.querySelectorAll(".erd")].filter((erd) => {
      const { top, left, bottom, right } = erd.getBoundingClientRect();
      return ![...erd.querySelectorAll("a rect, .members rect")].map((one) => one.getBoundingClientRect())
        .some((one) => one.top >= top && one.top < bottom && one.left >= left && one.left < right); }).length,
    diagrams: boxes.length, low: boxes.filter(({ height }) => height < 60).length,
    letter: size * drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width };`;

test.runIf(hasBrowser).each(["FitnessHub", "300 tables"])(
  "%s fits at three widths",
  async (name) => {
    const found = await measurePage(pages[name] ?? "", [360, 800, 1400], measure);
    for (const width of [360, 800, 1400]) {
      const layout = found[width] as { letter: number };
      expect(layout).toEqual({
        scroll: width,
        wide: [],
        cut: 0,
        empty: 0,
        diagrams: name === "FitnessHub" ? 1 : 7,
        low: 0,
        letter: expect.any(Number),
      });
      // Smaller letters cannot be read; the diagram scrolls instead.
      expect(layout.letter).toBeGreaterThan(9.4);
    }
  },
);

test.runIf(hasBrowser)("search leaves what has all the words, in list and text", async () => {
  const found = await measurePage(
    pages["300 tables"] ?? "",
    [1400],
    `const field = document.querySelector(".search");
     const look = (text) => {
       field.value = text;
       field.dispatchEvent(new Event("input"));
       const seen = (query) => [...document.querySelectorAll(query)].filter((one) => one.getClientRects().length > 0).length;
       return [seen("article"), seen("nav li"), seen("main h2"), seen(".erd"), document.querySelector(".found").textContent, seen(".none")];
     };
     const all = [look("number_299"), look("NUMBER_29 area_1"), look("nothing of this"), look("")];
     look("nothing of this");
     field.blur();
     document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
     return [...all, field.value, document.querySelector(".none").textContent.trim(), document.querySelector(".none").hidden];`,
  );
  expect(found[1400]).toEqual([
    [
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      0,
      expect.stringMatching(/^\d of 300$/),
      0,
    ],
    [
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      0,
      expect.stringMatching(/^\d+ of 300$/),
      0,
    ],
    [0, 0, 0, 0, "0 of 300", 1],
    [300, 300, 7, 7, "", 0],
    "",
    "Nothing has all of these words. Esc, or an empty field, shows everything again.",
    true,
  ]);
});
