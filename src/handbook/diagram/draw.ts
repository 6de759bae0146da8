/** A diagram as inline SVG, each box a link to its table. */
import { curveBumpX, line } from "d3-shape";
import { html, Html } from "../../html/markup.ts";
import type { TableName } from "../model.ts";
import type { Graph } from "./graph.ts";
import {
  gridOf,
  measures,
  placeGraph,
  shorten,
  type PlacedBox,
  type PlacedEdge,
  type Point,
} from "./layout.ts";

/** Ends of lines, once for all diagrams of a page: how many rows there may be. */
export const lineEnds = new Html(`<svg class="ends" aria-hidden="true"><defs>
<marker id="end-many" viewBox="0 0 14 14" refX="13" refY="7" markerWidth="14" markerHeight="14" orient="auto" markerUnits="userSpaceOnUse"><path d="M3 7L13 1M3 7L13 13M3 7H13M2 2V12"/></marker>
<marker id="end-single" viewBox="0 0 14 14" refX="13" refY="7" markerWidth="14" markerHeight="14" orient="auto" markerUnits="userSpaceOnUse"><path d="M4 7H13M5 2V12"/></marker>
<marker id="end-must" viewBox="0 0 14 14" refX="1" refY="7" markerWidth="14" markerHeight="14" orient="auto" markerUnits="userSpaceOnUse"><path d="M1 7H12M6 2V12M10 2V12"/></marker>
<marker id="end-may" viewBox="0 0 14 14" refX="1" refY="7" markerWidth="14" markerHeight="14" orient="auto" markerUnits="userSpaceOnUse"><path d="M1 7H3M11 7H13"/><circle cx="7" cy="7" r="4"/></marker>
</defs></svg>`);

const curve = line<Point>()
  .x(({ x }) => x)
  .y(({ y }) => y)
  .curve(curveBumpX)
  .digits(1);

// Drawn smaller than this its names cannot be read; it is scrolled instead.
const smallest = 0.8;

/** Null where there is nothing to draw. */
export function drawGraph(graph: Graph): Html | null {
  if (graph.boxes.length === 0) return null;
  const { width, height, boxes, edges } = placeGraph(graph);
  return html`<figure>
    <figcaption>${graph.title}</figcaption>
    <div class="scroll erd" tabindex="0" role="group" aria-label="diagram: ${graph.title}">
      <svg
        viewBox="0 0 ${width} ${height}"
        style="min-width:${Math.round(width * smallest)}px;max-width:${width}px"
        role="img"
        aria-label="${graph.title}: ${boxes.length} tables, ${edges.length} references"
      >
        <g class="edges">${edges.map(drawEdge)}</g>
        ${boxes.map(drawBox)}
      </svg>
    </div>
  </figure>`;
}

function drawEdge({ edge, points }: PlacedEdge): Html {
  const { from, to, columns, isOptional, isUnique } = edge;
  return html`<path
    d="${from.oid === to.oid ? loop(points) : curve(points)}"
    marker-start="url(#end-${isOptional ? "may" : "must"})"
    marker-end="url(#end-${isUnique ? "single" : "many"})"
    ><title>${from.id} (${columns.join(", ")}) refers to ${to.id}</title></path
  >`;
}

/** Out of the box and back into it, with round corners. */
function loop([start, out, back, end]: readonly Point[]): string {
  if (!start || !out || !back || !end) return "";
  return `M${start.x},${start.y}C${out.x},${out.y},${back.x},${back.y},${end.x},${end.y}`;
}

function drawBox(placed: PlacedBox): Html {
  const { box, x, y, width, height } = placed;
  const { table, lines, members, isForeign } = box;
  if (members) return drawMembers(placed, members);
  const { head, padding, line: lineHeight } = measures;
  const name = isForeign ? table.id : table.name;
  return html`<a href="#${table.anchor}" class="${isForeign ? "foreign" : ""}"
    ><title>${table.id}</title
    ><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="4" />${
      lines.length === 0 ? null : html`<path d="M${x} ${y + head}h${width}" />`
    }<text class="name" x="${x + padding}" y="${y + 17}">${shorten(name)}</text>${lines.map(
      (column, i) => {
        const at = y + head + 16 + i * lineHeight;
        return html`<text class="${column.isPrimary ? "primary" : ""}" x="${x + padding}" y="${at}"
            >${shorten(column.name)}</text
          ><text class="type" x="${x + width - padding}" y="${at}">${shorten(column.type)}</text>`;
      },
    )}</a
  >`;
}

function drawMembers({ x, y, width, height }: PlacedBox, members: readonly TableName[]): Html {
  const { columnWidth, rows } = gridOf(members);
  return html`<g class="members"
    ><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="4" />${members.map(
      ({ id, name, anchor }, i) =>
        html`<a href="#${anchor}"
          ><title>${id}</title
          ><text
            x="${x + measures.padding + Math.floor(i / rows) * columnWidth}"
            y="${y + 18 + (i % rows) * measures.line}"
            >${shorten(name)}</text
          ></a
        >`,
    )}</g
  >`;
}
