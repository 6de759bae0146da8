/** Names for `id`, links and files. */

/**
 * A name of letters, digits, `_` and `.`, different for different names: other characters, capitals
 * and `~` itself become `~` and their number, so that it serves where file names ignore case.
 */
export function anchorOf(...names: readonly string[]): string {
  return names
    .map((name) =>
      Array.from(name, (character) =>
        /^[a-z0-9_]$/.test(character) ? character : `~${character.codePointAt(0)?.toString(16)}~`,
      ).join(""),
    )
    .join(".");
}
