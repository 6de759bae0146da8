/**
 * A text in which the runner of GitHub Actions finds nothing to obey. It takes a line for a command that
 * begins with `::` behind whatever .NET calls blank, and each `##[` anywhere; a backslash before it
 * keeps it readable.
 */
export function withoutCommands(text: string): string {
  if (!text.includes("::") && !text.includes("##[")) return text;
  return text
    .replaceAll(/(^|[\n\r])((?:[^\S\n\r]|\u0085)*)::/g, String.raw`$1$2\::`)
    .replaceAll("##[", String.raw`##\[`);
}
