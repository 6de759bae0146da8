/** One table or view in Markdown. */
import type { Column, Reference, RoleRights, Table } from "../model.ts";
import {
  auditText,
  keyText,
  policyHead,
  rightText,
  rowSecurityText,
  sizeText,
  valueText,
} from "../words.ts";
import { linkFrom } from "./file-name.ts";
import { block, code, paragraphs, table, text } from "./text.ts";

export function writeTable(one: Table): string {
  return paragraphs([
    `<a id="${one.anchor}"></a>\n\n## ${text(one.name)}`,
    `${capital(one.kind)} ${code(one.id)}, owned by ${code(one.owner)}.${one.size === undefined ? "" : ` ${sizeText(one.size)}.`}`,
    one.comment === undefined ? undefined : text(one.comment),
    columns(one),
    list(
      "References",
      one.references.map((reference) => outgoing(one, reference)),
    ),
    list(
      "Referenced by",
      one.referencedBy.map((reference) => incoming(one, reference)),
    ),
    list(
      "Constraints",
      one.constraints.filter(({ kind }) => kind !== "foreign key").map(constraint),
    ),
    list("Indexes", one.indexes.filter(({ isOfConstraint }) => !isOfConstraint).map(index)),
    partitioning(one),
    access(one),
    policies(one),
    one.audit === undefined ? undefined : `**Audit.** ${text(auditText(one.audit))}`,
    list("Triggers", one.triggers.map(trigger)),
    one.query === undefined ? undefined : `**Query**\n\n${block("sql", one.query)}`,
  ]);
}

function columns({ columns: all }: Table): string {
  const hasPersonal = all.some(({ personal }) => personal !== undefined);
  return table(
    [
      "column",
      "type",
      "null",
      "key",
      "default",
      "description",
      ...(hasPersonal ? ["personal"] : []),
    ],
    all.map((column) => [
      code(column.name),
      code(column.type),
      column.isNullable ? "yes" : "no",
      keyText(column),
      code(valueText(column)),
      text(column.comment ?? ""),
      ...(hasPersonal ? [personal(column)] : []),
    ]),
  );
}

function personal({ personal: one }: Column): string {
  if (one === undefined) return "";
  return [...one.says, ...one.rules].map(text).join("; ");
}

function outgoing(one: Table, { columns: from, to, toColumns, onDelete, name }: Reference): string {
  return `${code(from.join(", "))} → [${text(to.id)}](${linkFrom(one.schema, to)}) ${code(toColumns.join(", "))}${onDelete === "" ? "" : `, on delete ${onDelete.toLowerCase()}`} (${code(name)})`;
}

function incoming(one: Table, { from, columns: by, onDelete }: Reference): string {
  return `[${text(from.id)}](${linkFrom(one.schema, from)}) ${code(by.join(", "))}${onDelete === "" ? "" : `, on delete ${onDelete.toLowerCase()}`}`;
}

function constraint({ name, kind, definition, comment }: Table["constraints"][number]): string {
  return `${code(name)} (${kind}): ${code(definition)}${remark(comment)}`;
}

function index({ name, isUnique, isValid, definition, comment }: Table["indexes"][number]): string {
  return `${code(name)}${isUnique ? " (unique)" : ""}${isValid ? "" : " (not valid)"}: ${code(definition)}${remark(comment)}`;
}

function trigger({ name, definition, isEnabled, comment }: Table["triggers"][number]): string {
  return `${code(name)}${isEnabled ? "" : " (disabled)"}: ${code(definition)}${remark(comment)}`;
}

function partitioning({ partitioning: one }: Table): string | undefined {
  if (one === undefined) return undefined;
  return paragraphs([
    `**Partitions.** By ${code(one.key)}.${one.upkeep.map((line) => ` ${text(line)}`).join("")}`,
    one.partitions === undefined
      ? undefined
      : table(
          ["partition", "bound", "size"],
          one.partitions.map(({ id, bound, size }) => [code(id), code(bound), sizeText(size)]),
        ),
  ]);
}

function access({ rights }: Table): string | undefined {
  if (rights.length === 0) return "**Access.** Nobody but the owner.";
  const hasRows = rights.some(({ rows }) => rows.length > 0);
  return `**Access**\n\n${table(
    ["role", "may", ...(hasRows ? ["rows, as measured"] : [])],
    rights.map((one) => [
      one.role === null ? "everybody" : code(one.role),
      one.rights.map(rightText).map(text).join(", "),
      ...(hasRows ? [rowsOf(one)] : []),
    ]),
  )}`;
}

function rowsOf({ rows }: RoleRights): string {
  return rows.map(([command, cell]) => `${command} ${text(cell)}`).join("<br>");
}

function policies(one: Table): string | undefined {
  const security = rowSecurityText(one);
  if (security === undefined) return undefined;
  return paragraphs([
    `**Row level security.** ${security}`,
    one.policies
      .map(
        (policy) =>
          `- ${code(policy.name)}: ${text(policyHead(policy))}${clause("using", policy.using)}${clause("with check", policy.check)}${remark(policy.comment)}`,
      )
      .join("\n"),
  ]);
}

function clause(name: string, expression: string | undefined): string {
  return expression === undefined ? "" : `, ${name} ${code(expression)}`;
}

function remark(comment: string | undefined): string {
  return comment === undefined ? "" : `. ${text(comment)}`;
}

function list(title: string, lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  return `**${title}**\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
