/** Markdown, with everything that comes from a database escaped. */

/** Plain text in one line: no character of it begins a link, a tag, a cell, a list or a heading. */
export function text(value: string): string {
  return value
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[\\`*{}[\]<>|~$]/g, String.raw`\$&`)
    .replaceAll(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, String.raw`\_`)
    .replaceAll("&", "&amp;")
    .replace(/^(?=[#+=-])/, "\\")
    .replace(/^(\d+)([.)] )/, String.raw`$1\$2`);
}

/** Code in a line; a pipe would end a cell even there. */
export function code(value: string): string {
  const line = value.replaceAll(/\s+/g, " ").trim();
  if (line === "") return "";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = longest > 0 ? " " : "";
  return `${fence}${padding}${line.replaceAll("|", String.raw`\|`)}${padding}${fence}`;
}

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${titles.join(" | ")} |`,
    `|${titles.map(() => "---").join("|")}|`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

export function block(language: string, content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

/** Parts with an empty line between them; those that are not there leave none. */
export function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n\n");
}
