/** Takes names of columns, tables and JSON keys apart. */

/**
 * The words of a name in lower case, without accents and counting numbers:
 * `homeAddress2` → home address, `IPAddr` → ip addr, `e-mail` → e mail, `Straße` → strasse.
 */
export function splitName(name: string): string[] {
  return plain(
    name.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2"),
  )
    .replaceAll(/(\p{L})(\d+)\b/gu, "$1 $2")
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "" && !/^\d{1,2}$/.test(word));
}

/** Lower case, without accents; letters that are two elsewhere become two. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("ø", "o")
    .replaceAll("ł", "l")
    .replaceAll("æ", "ae");
}
