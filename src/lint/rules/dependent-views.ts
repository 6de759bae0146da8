import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import { allOf, as, stringsOf } from "../../db/tree.ts";
import { alterCommands, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

function droppedViews({ node }: Statement): string[] {
  const drop = as(node, "DropStmt");
  return drop?.removeType === "OBJECT_VIEW" || drop?.removeType === "OBJECT_MATVIEW"
    ? allOf(drop.objects, "List").map(({ items }) => stringsOf(items).join("."))
    : [];
}

/** Only a catalog knows which views there are: files may be older than half of them. */
export const dependentViews: LintRule = {
  name: "dependent-views",
  severity: "error",
  summary: "views use the column or the table that is dropped (with --url)",
  why: "PostgreSQL refuses to change a column that a view uses. pgwright takes such views out of the way and brings them back where it can; it cannot where the view uses a column that goes for good.",
  safe: "DROP VIEW open_orders;\nALTER TABLE orders DROP COLUMN note;\nCREATE VIEW open_orders AS SELECT …;  -- without note",
  kinds: ["AT_DropColumn", "DropStmt"],
  judge: (step) => {
    const isDropped = (view: string) => step.file.has(droppedViews, view);
    const used = (table: string, column: string) =>
      (step.model.table(table)?.views ?? [])
        .filter(({ view, columns }) => columns.includes(column) && !isDropped(view))
        .map(({ view }) => view);
    const say = (table: string, column: string, views: readonly string[], what: string) => ({
      table,
      object: `${table}.${column}`,
      message: `${sqlName(table)}.${ident(column)} ${what}, and ${views.join(", ")} ${views.length === 1 ? "uses" : "use"} it: PostgreSQL refuses`,
      hint: `\`DROP VIEW ${views.join(", ")};\` before, and create ${views.length === 1 ? "it" : "them"} again behind, in the same file`,
    });
    const commands = alterCommands(step).flatMap(({ command, table }) => {
      if (command.subtype !== "AT_DropColumn" || command.behavior === "DROP_CASCADE") return [];
      const views = used(table, command.name ?? "");
      return views.length === 0 ? [] : [say(table, command.name ?? "", views, "is dropped")];
    });
    const drop = nodeOf(step, "DropStmt");
    const tables =
      drop?.removeType === "OBJECT_TABLE" && drop.behavior !== "DROP_CASCADE"
        ? (drop.objects ?? []).map((object) => stringsOf(as(object, "List")?.items).join("."))
        : [];
    return [
      ...commands,
      ...tables.flatMap((table) => {
        const views = (step.model.table(table)?.views ?? [])
          .map(({ view }) => view)
          .filter((view) => !isDropped(view));
        if (views.length === 0) return [];
        return [
          {
            table,
            message: `${sqlName(table)} is dropped, and ${views.join(", ")} ${views.length === 1 ? "uses" : "use"} it: PostgreSQL refuses`,
            hint: `\`DROP VIEW ${views.join(", ")};\` before`,
          },
        ];
      }),
    ];
  },
};
