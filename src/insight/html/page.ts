/** The whole page: a document of its sections. */
import { loadParser } from "../../db/script.ts";
import { renderDocument } from "../../html/document.ts";
import type { PageParts, Section } from "./section.ts";
import { changes, overTime } from "./sections/changes.ts";
import { header } from "./sections/header.ts";
import { indexes } from "./sections/indexes.ts";
import { load } from "./sections/load.ts";
import { materializedViews } from "./sections/matviews.ts";
import { candidates, queries } from "./sections/queries.ts";
import { deadRows, inputOutput, sessions } from "./sections/server.ts";
import { style } from "./style.ts";

/** The explicit list of sections; one that has nothing to say gives null. */
const sections: readonly Section[] = [
  header,
  load,
  overTime,
  changes,
  candidates,
  queries,
  materializedViews,
  indexes,
  sessions,
  inputOutput,
  deadRows,
];

/** A complete document, which loads nothing and runs nothing. */
export async function renderPage(parts: PageParts): Promise<string> {
  await loadParser();
  const body = sections.flatMap((section) => section(parts) ?? []);
  return renderDocument({ title: `Slow queries of ${parts.server.place}`, style, body });
}
