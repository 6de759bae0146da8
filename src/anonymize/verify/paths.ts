/** Where in a document a text stands. */

/** `$.contacts[*].email`; nothing where the field is no document. Case does not matter. */
export function findPaths(field: string, text: string): string[] {
  if (!/^[[{]/.test(field)) return [];
  let document: unknown;
  try {
    document = JSON.parse(field);
  } catch (error) {
    // A list of PostgreSQL's own, `{a,b}`.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  return walk(document, text.toLowerCase(), "$");
}

function walk(document: unknown, wanted: string, at: string): string[] {
  if (Array.isArray(document)) {
    return [...new Set(document.flatMap((one) => walk(one, wanted, `${at}[*]`)))];
  }
  if (typeof document === "object" && document !== null) {
    return Object.entries(document).flatMap(([key, value]) => {
      const below = walk(value, wanted, `${at}.${key}`);
      return key.toLowerCase().includes(wanted) ? [`${at} (a key)`, ...below] : below;
    });
  }
  return String(document).toLowerCase().includes(wanted) ? [at] : [];
}
