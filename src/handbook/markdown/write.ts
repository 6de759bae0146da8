/** The handbook as Markdown: a first page, and one file for each schema. */
import { graphOf, isDrawn } from "../diagram/graph.ts";
import { drawMermaid } from "../diagram/mermaid.ts";
import type { Handbook, SchemaPart } from "../model.ts";
import { countsText, firstSentence, sizesText } from "../words.ts";
import { fileOf, firstFile } from "./file-name.ts";
import { writeTable } from "./table.ts";
import { block, code, paragraphs, table, text } from "./text.ts";

/** First line of every file, by which it is known again. */
export const markdownMark = "<!-- Written by `pgwright docs build`: changes here are lost. -->";

// More boxes with columns than this are no picture any more.
const mostWithColumns = 40;

/** Texts by their path in the folder. */
export function writeMarkdown(handbook: Handbook): Map<string, string> {
  const files = new Map([[firstFile, writeFirst(handbook)]]);
  for (const schema of handbook.schemas) files.set(fileOf(schema.name), writeSchema(schema));
  return files;
}

function writeFirst(handbook: Handbook): string {
  const tables = handbook.schemas.flatMap((schema) => schema.tables);
  const drawn = tables.filter(isDrawn);
  const graph = graphOf("All tables", drawn, { hasColumns: drawn.length <= mostWithColumns });
  return finish([
    `# ${text(handbook.title)}`,
    handbook.comment === undefined ? undefined : text(handbook.comment),
    `${countsText(handbook)}. The same as one page with search: [index.html](index.html).`,
    sizesText(handbook) === undefined ? undefined : text(`${sizesText(handbook) ?? ""}.`),
    ...handbook.schemas.flatMap((schema) => [
      `## [${text(schema.name)}](${fileOf(schema.name)})`,
      schema.comment === undefined ? undefined : text(schema.comment),
      schema.tables.length === 0
        ? undefined
        : table(
            ["name", "kind", "description"],
            schema.tables.map(({ name, anchor, kind, comment }) => [
              `[${text(name)}](${fileOf(schema.name)}#${anchor})`,
              kind,
              text(firstSentence(comment)),
            ]),
          ),
    ]),
    "## Diagram",
    diagram(graph),
  ]);
}

function writeSchema(schema: SchemaPart): string {
  const drawn = schema.tables.filter(isDrawn);
  const graph = graphOf(schema.name, drawn, { hasColumns: drawn.length <= mostWithColumns });
  return finish([
    `# ${text(schema.name)}`,
    `[All schemas](../${firstFile})`,
    schema.comment === undefined ? undefined : text(schema.comment),
    drawn.length === 0 ? undefined : diagram(graph),
    ...schema.tables.map(writeTable),
    ...(schema.types.length === 0
      ? []
      : [
          "## Types",
          table(
            ["type", "kind", "values", "description"],
            schema.types.map(({ id, anchor, kind, labels, definition, comment }) => [
              `<a id="${anchor}"></a>${code(id)}`,
              kind,
              kind === "enum" ? labels.map(code).join(", ") : code(definition ?? ""),
              text(comment ?? ""),
            ]),
          ),
        ]),
  ]);
}

function diagram(graph: Parameters<typeof drawMermaid>[0]): string {
  const drawn = drawMermaid(graph);
  if (drawn !== undefined) return block("mermaid", drawn);
  return graph.boxes.length === 0
    ? "There are no tables."
    : "There are more tables and references than Mermaid draws; index.html has the diagram.";
}

function finish(parts: readonly (string | undefined)[]): string {
  return `${markdownMark}\n\n${paragraphs(parts)}\n`;
}
