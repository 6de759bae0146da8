/** Shows a value without giving it away. */

/**
 * The first letter of each word, the shape of the rest: `j***@e******.c**`, `+4* *** ******`. At
 * most one in four characters is shown, so nothing of short words.
 */
export function showMasked(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return shown
    .replaceAll(/[\p{L}\p{M}\p{N}]+/gu, (run) => {
      const letters = Array.from(run);
      const first = letters.length >= 4 && /\p{L}/u.test(letters[0] ?? "") ? letters[0] : "*";
      return `${first}${"*".repeat(Math.min(letters.length - 1, 8))}`;
    })
    .replaceAll(/[\n\r\t]+/g, " ");
}
