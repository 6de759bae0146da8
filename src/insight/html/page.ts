/** The whole page: a document of its sections. */
import { loadParser } from "../../db/script.ts";
import { html, Html } from "./markup.ts";
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
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>Slow queries of ${parts.server.place}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
