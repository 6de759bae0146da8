/** The handbook as one page: diagrams, a list with search, and every table. */
import { formatCount } from "../../db/amount.ts";
import { renderDocument } from "../../html/document.ts";
import { html, type Html } from "../../html/markup.ts";
import { anchorOf } from "../anchor.ts";
import { drawGraph, lineEnds } from "../diagram/draw.ts";
import { gatherLeaves, graphOf, graphOfSchemas, isDrawn, type Graph } from "../diagram/graph.ts";
import type { Handbook, SchemaPart } from "../model.ts";
import { countAll, sizesText } from "../words.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { showTable } from "./table.ts";

/** Second line of the page, by which it is known again. */
export const pageMark = "Written by `pgwright docs build`: changes here are lost.";

// With more tables the first diagram has their names alone, and each schema one with keys.
const mostWithColumns = 40;

// With more than this, tables of several schemas in one diagram are a tangle.
const mostTogether = 120;

export function writePage(handbook: Handbook): string {
  const { title, schemas } = handbook;
  const isSmall = countDrawn(schemas) <= mostWithColumns;
  return renderDocument({
    title,
    style,
    script,
    mark: pageMark,
    body: html`${lineEnds}${header(handbook)}
      <nav aria-label="tables">
        <input class="search" type="search" placeholder="Search ( / )" aria-label="search" hidden />
        <p class="found" role="status"></p>
        <div class="tables">${schemas.map(group)}</div>
      </nav>
      <main>
        <p class="none" hidden>
          Nothing has all of these words. Esc, or an empty field, shows everything again.
        </p>
        <section class="map">
          <h2>Diagram</h2>
          ${drawGraph(overviewOf(schemas)) ?? html`<p>There are no tables.</p>`}
        </section>
        ${schemas.map((schema) => showSchema(schema, !isSmall && schemas.length > 1))}
      </main> `,
  });
}

function overviewOf(schemas: readonly SchemaPart[]): Graph {
  const count = countDrawn(schemas);
  if (count > mostTogether && schemas.length > 1) {
    return graphOfSchemas("Schemas and what they refer to", schemas);
  }
  const tables = schemas.flatMap((schema) => schema.tables);
  const hasColumns = count <= mostWithColumns;
  const whole = graphOf("Tables and what they refer to", tables, { hasColumns });
  return hasColumns ? whole : gatherLeaves(whole);
}

function countDrawn(schemas: readonly SchemaPart[]): number {
  return schemas.flatMap(({ tables }) => tables.filter(isDrawn)).length;
}

function header(handbook: Handbook): Html {
  const counts = countAll(handbook);
  const figures: [string, string][] = [
    [formatCount(counts.tables), "tables"],
    [formatCount(counts.views), "views"],
    [formatCount(counts.columns), "columns"],
    [formatCount(counts.references), "foreign keys"],
    [formatCount(counts.personal), "columns with personal data"],
    [`${Math.floor((counts.described / Math.max(1, counts.describable)) * 100)} %`, "described"],
  ];
  return html`<header>
    <h1>${handbook.title}</h1>
    ${handbook.comment === undefined ? null : html`<p>${handbook.comment}</p>`}
    ${handbook.sizes === undefined ? null : html`<p class="dim">${sizesText(handbook) ?? ""}</p>`}
    <div class="figures">
      ${figures.map(([value, name]) => html`<div><b>${value}</b><span>${name}</span></div>`)}
    </div>
  </header>`;
}

function group({ name, tables }: SchemaPart): Html | null {
  if (tables.length === 0) return null;
  return html`<div class="group">
    <b><a href="#${anchorOf(name)}">${name}</a></b>
    <ul>
      ${tables.map((table) => html`<li><a href="#${table.anchor}">${table.name}</a></li> `)}
    </ul>
  </div>`;
}

function showSchema(schema: SchemaPart, hasDiagram: boolean): Html {
  const { name, comment, tables, types } = schema;
  const isSmall = tables.filter(isDrawn).length <= mostWithColumns;
  const whole = graphOf(name, tables, { hasColumns: isSmall });
  const graph = isSmall ? whole : gatherLeaves(whole);
  return html`<section id="${anchorOf(name)}" data-schema="${name}">
    <h2>${name}</h2>
    ${comment === undefined ? null : html`<p>${comment}</p>`}
    ${hasDiagram ? html`<div class="map">${drawGraph(graph)}</div>` : null} ${tables.map(showTable)}
    ${types.map(
      ({ id, anchor, kind, labels, definition, comment: says }) =>
        html`<article id="${anchor}" data-name="${id}">
          <h3><code>${id}</code> <span class="kind">${kind}</span></h3>
          ${says === undefined ? null : html`<p>${says}</p>`}
          <p>
            ${kind === "enum" ? labels.map((label) => html`<code>${label}</code> `) : html`<code>${definition ?? ""}</code>`}
          </p>
        </article>`,
    )}
  </section>`;
}
