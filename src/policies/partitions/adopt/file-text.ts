/** The migration as a file: what it does, until when it must be applied, and both sections. */
import { ident } from "../../../db/identifier.ts";
import type { Adoption } from "./adoption.ts";
import type { Passage } from "./up.ts";

export function writeFile(
  adoption: Adoption,
  up: readonly Passage[],
  down: readonly Passage[],
): string {
  return [
    asComment(head(adoption)),
    `-- migrate:up\n\n${writePassages(up)}`,
    `-- migrate:down\n\n${writePassages(down)}`,
  ].join("\n\n");
}

function writePassages(passages: readonly Passage[]): string {
  return `${passages
    .map(({ comment, statements }) => {
      const text = statements.map((statement) => `${statement};`).join("\n");
      return comment === "" ? text : `${asComment(comment)}\n${text}`;
    })
    .join("\n\n")}\n`;
}

function head(adoption: Adoption): string {
  const { bounds, facts, leaf, newLeaves, prepared, primary, request, table } = adoption;
  const key = ident(request.column);
  const index = primary
    ? `; DROP INDEX CONCURRENTLY IF EXISTS ${ident(facts.schema)}.${ident(primary.wideIndex)}`
    : "";
  const narrowed = primary
    ? [
        "",
        `The primary key becomes ${primary.wideColumns}: PostgreSQL keeps ${primary.narrow} unique within`,
        `one partition only, ON CONFLICT must name ${key} too, and a look-up without ${key} asks every partition.`,
      ]
    : [];
  const before = facts.triggers.filter((trigger) => trigger.isBeforeRow);
  const rows = facts.triggers.filter((trigger) => trigger.isForEachRow);
  return [
    `${table} becomes a table partitioned by ${request.every} of ${key} (${request.timeZone}), without copying a row.`,
    `Its file stays and serves as the partition ${leaf}, which holds every row before`,
    `${bounds.endShown}; ${newLeaves.length} empty ${newLeaves.length === 1 ? "partition follows" : "partitions follow"}.`,
    "",
    `APPLY IT BEFORE ${bounds.deadline}. Later it refuses to begin. From the first statement on to the`,
    `last, rows with ${key} at or after ${bounds.endShown} are refused.`,
    ...narrowed,
    ...(rows.length > 0
      ? ["", "In triggers for each row TG_TABLE_NAME and TG_RELID are those of the partition then."]
      : []),
    ...(before.length > 0
      ? [
          `A trigger BEFORE INSERT or UPDATE (${before.map(({ name }) => ident(name)).join(", ")}) must not change ${key} so that`,
          "the row belongs to another partition: PostgreSQL refuses such a row.",
        ]
      : []),
    ...(facts.policyTriggers
      ? [
          "",
          "policies/audit.yaml names the table: the triggers that record its changes are not made here but,",
          "like everything policies/ declares, by the migration run itself, in the same transactions.",
        ]
      : []),
    "",
    "The way back copies nothing for as long as all rows are in the first partition; later it moves the",
    "others back, while every other session waits. A value that came in twice, of a key that is to be",
    "unique again, makes it fail, and nothing is lost then.",
    "",
    "To give up half-way, before the exchange, run this and then pgwright repair reverted <version>:",
    `  DROP TABLE IF EXISTS ${prepared}; ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${adoption.check}${index}`,
  ].join("\n");
}

function asComment(text: string): string {
  return text
    .split("\n")
    .map((line) => `-- ${line.replaceAll("\r", " ")}`.trimEnd())
    .join("\n");
}
