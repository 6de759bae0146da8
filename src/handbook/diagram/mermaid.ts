/** A graph as a Mermaid diagram, which Git hosts draw in Markdown. */
import type { Graph } from "./graph.ts";

// Mermaid's own limits (maxTextSize, maxEdges); what is over them is not drawn, but an error.
const mostCharacters = 50_000;
const mostEdges = 500;

/** Undefined where Mermaid would refuse to draw it, and where there is nothing to draw. */
export function drawMermaid({ boxes, edges }: Graph): string | undefined {
  if (boxes.length === 0 || edges.length > mostEdges) return undefined;
  const lines = ["erDiagram"];
  for (const { table, lines: columns } of boxes) {
    if (columns.length === 0) {
      lines.push(`  ${entity(table.id)}`);
      continue;
    }
    lines.push(`  ${entity(table.id)} {`);
    for (const { name, type, isPrimary, isReference } of columns) {
      const keys = [...(isPrimary ? ["PK"] : []), ...(isReference ? ["FK"] : [])];
      lines.push(`    ${word(type)} ${word(name)} ${keys.join(", ")}`);
    }
    lines.push("  }");
  }
  for (const { from, to, columns, isOptional, isUnique } of edges) {
    const many = isUnique ? "|o" : "}o";
    const one = isOptional ? "o|" : "||";
    lines.push(
      `  ${entity(from.id)} ${many}--${one} ${entity(to.id)} : "${text(columns.join(", "))}"`,
    );
  }
  const diagram = lines.join("\n");
  return diagram.length > mostCharacters ? undefined : diagram;
}

function entity(id: string): string {
  return `"${text(id)}"`;
}

/** Between double quotes nothing else needs an escape, and a double quote has none. */
function text(value: string): string {
  return value.replaceAll('"', "").replaceAll(/[%\n\r\\]/g, "_");
}

/** Attributes are words of letters, digits and few signs. */
function word(value: string): string {
  const plain = value.replaceAll(/[^A-Za-z0-9_()[\]]/g, "_");
  return /^[A-Za-z]/.test(plain) ? plain : `_${plain}`;
}
