/** The text of a dump: sections, blank lines, and the settings that loading needs. */
import { ident } from "../db/identifier.ts";
import type { OrderedObjects } from "./graph.ts";
import type { Placed } from "./order.ts";
import { stages } from "./object.ts";

/**
 * What loading depends on. Names are written in full, so nothing may be found by search path;
 * bodies of functions mention what comes later. RESET, not SET LOCAL: the file is right inside a
 * transaction and outside, and leaves nothing behind for the next one.
 */
export const settings = [
  "client_encoding = 'UTF8'",
  "standard_conforming_strings = on",
  "check_function_bodies = false",
  "search_path = ''",
];

/** How every dump begins. */
export const intro = [
  "-- Schema of the database, written by `pgwright dump`. It loads into an empty database.",
  "-- Roles and the data of tables are not in it.",
].join("\n");

/** Lays out the ordered objects, then `rows` (the ledger's), then the resets. */
export function layOut({ placed, apart }: OrderedObjects, rows: readonly string[]): string {
  const paragraphs: string[] = [intro, settings.map((setting) => `SET ${setting};`).join("\n")];
  let heading = "";
  let previous: { readonly block: string; readonly isShort: boolean } | undefined;
  for (const entry of placed) {
    const statements = entry.object.statements(apart).map((statement) => `${statement};`);
    if (statements.length === 0) continue;
    const next = headingOf(entry);
    if (next !== heading) {
      paragraphs.push(`--\n-- ${next}\n--`);
      previous = undefined;
      heading = next;
    }
    // Short statements of one block (the indexes of a table) need no blank lines between them.
    const isShort = statements.every((statement) => !statement.includes("\n"));
    const text = statements.join("\n");
    const last = paragraphs.length - 1;
    if (isShort && previous?.isShort === true && previous.block === entry.object.block) {
      paragraphs[last] = `${paragraphs[last] ?? ""}\n${text}`;
    } else {
      paragraphs.push(text);
    }
    previous = { block: entry.object.block, isShort };
  }
  const names = settings.map((setting) => setting.split(" ")[0] ?? "");
  paragraphs.push(
    ...rows,
    names
      .toReversed()
      .map((name) => `RESET ${name};`)
      .join("\n"),
  );
  return `${paragraphs.join("\n\n")}\n`;
}

function headingOf({ object, stage }: Placed): string {
  // A name can hold anything, a line break too, and this is a comment.
  const schema = ident(object.section).replaceAll(/[\n\r]/g, " ");
  switch (stage) {
    case stages.schemas:
      return "Schemas";
    case stages.extensions:
      return "Extensions";
    case stages.definitions:
      return object.section === "" ? "Casts and foreign servers" : `${schema}: types and functions`;
    case stages.tables:
      return `${schema}: tables`;
    case stages.views:
      return `${schema}: views, and functions that need tables`;
    case stages.postponed:
      return `${schema}: indexes, triggers and policies that need other objects`;
    case stages.foreignKeys:
      return `${schema}: foreign keys`;
    case stages.database:
      return "Publications and privileges";
    case stages.eventTriggers:
      return "Event triggers";
  }
}
