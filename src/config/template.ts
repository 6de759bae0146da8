/** Connection strings with `${NAME}` in them, as pgwright.yaml holds them. */

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * What is wrong with the `$` signs of a template, in words that follow its name.
 * There is no `${NAME:-default}`: a lost secret would quietly become another database.
 */
export function findTemplateMistake(template: string): string | undefined {
  const rest = template.replaceAll(reference, "");
  const shell = /\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-=?+])/.exec(rest);
  if (shell !== null) {
    return (
      `has \`\${${shell[1]}${shell[2]}…}\`; write \`\${${shell[1]}}\`: a default would hide a ` +
      "variable that was lost"
    );
  }
  if (rest.includes("${")) return "has a `${` that is not the beginning of `${NAME}`";
  const bare = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(rest);
  return bare === null ? undefined : `has \`$${bare[1]}\`; write \`\${${bare[1]}}\``;
}

/** The variables a template needs, in order, each once. */
export function listReferences(template: string): string[] {
  return [...new Set([...template.matchAll(reference)].map((match) => match[1] ?? ""))];
}

/** Puts values in the place of `${NAME}`. */
export function fillTemplate(template: string, value: (name: string) => string): string {
  return template.replaceAll(reference, (_, name: string) => value(name));
}

/** True when `${NAME}` stands where a URL has user and password. */
export function isCredential(template: string, name: string): boolean {
  const credentials = /^[a-z]+:\/\/([^@/]*)@/i.exec(template)?.[1] ?? "";
  return credentials.includes(`\${${name}}`);
}
