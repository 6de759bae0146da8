/** Where boxes and lines of a diagram stand: each connected part by dagre, the parts side by side. */
import { Graph as Dagre, layout } from "@dagrejs/dagre";
import type { Reference, TableName } from "../model.ts";
import type { LineEnd } from "./ends.ts";
import { heightFor, spreadEnds } from "./ends.ts";
import type { Box, Graph } from "./graph.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Point {
  readonly box: Box;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly edge: Reference;
  /** From the table that is referred to, to the one that refers. */
  readonly points: readonly Point[];
}

export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
}

/** Measures of the drawing, in pixels. */
export const measures = { character: 7.3, line: 18, head: 26, padding: 10, gap: 28 } as const;

// Longer names are cut, with the whole of them in their title.
export const mostCharacters = 34;

const margin = 8;

/** Coordinates are whole pixels: boxes by their upper left corner. */
export function placeGraph(graph: Graph): Placed {
  const parts = connectedParts(graph).map(placePart);
  // Wide enough for the widest, and for small parts to stand side by side.
  const area = parts.reduce((sum, { width, height }) => sum + width * height, 0);
  const most = Math.max(900, ...parts.map(({ width }) => width), Math.sqrt(area * 1.6));
  const boxes: PlacedBox[] = [];
  const edges: PlacedEdge[] = [];
  let x = margin;
  let y = margin;
  let rowHeight = 0;
  let width = 0;
  for (const part of parts) {
    if (x > margin && x + part.width > most + margin) {
      y += rowHeight + measures.gap;
      x = margin;
      rowHeight = 0;
    }
    for (const box of part.boxes) boxes.push({ ...box, x: box.x + x, y: box.y + y });
    for (const { edge, points } of part.edges) {
      edges.push({ edge, points: points.map((point) => ({ x: point.x + x, y: point.y + y })) });
    }
    rowHeight = Math.max(rowHeight, part.height);
    x += part.width + measures.gap;
    width = Math.max(width, x - measures.gap);
  }
  return { width: width + margin, height: y + rowHeight + margin, boxes, edges };
}

/** The largest first; tables that nothing refers to, and that refer to nothing, in order at the end. */
function connectedParts({ title, boxes, edges }: Graph): Graph[] {
  const partOf = new Map(boxes.map(({ table }) => [table.oid, table.oid]));
  const rootOf = (oid: number): number => {
    const next = partOf.get(oid) ?? oid;
    if (next === oid) return oid;
    const root = rootOf(next);
    partOf.set(oid, root);
    return root;
  };
  for (const { from, to } of edges) partOf.set(rootOf(from.oid), rootOf(to.oid));
  const parts = new Map<number, { title: string; boxes: Box[]; edges: Reference[] }>();
  for (const box of boxes) {
    const root = rootOf(box.table.oid);
    const part = parts.get(root) ?? { title, boxes: [], edges: [] };
    parts.set(root, part);
    part.boxes.push(box);
  }
  for (const edge of edges) parts.get(rootOf(edge.from.oid))?.edges.push(edge);
  return [...parts.values()].toSorted((one, other) => other.boxes.length - one.boxes.length);
}

function placePart({ boxes, edges }: Graph): Placed {
  const dagre = new Dagre({ multigraph: true });
  dagre.setGraph({ rankdir: "LR", nodesep: 18, edgesep: 8, ranksep: 84 });
  dagre.setDefaultEdgeLabel(() => ({}));
  const most = mostEnds(edges);
  for (const box of boxes) {
    const { width, height } = sizeOf(box);
    const least = heightFor(most.get(box.table.oid) ?? 0);
    dagre.setNode(String(box.table.oid), { width, height: Math.max(height, least) });
  }
  for (const [i, { from, to }] of edges.entries()) {
    dagre.setEdge(String(to.oid), String(from.oid), {}, String(i));
  }
  layout(dagre);
  const found = dagre.graph() as { width: number; height: number };
  const placed = new Map(
    boxes.map((box) => {
      const { x, y, width, height } = dagre.node(String(box.table.oid)) as PlacedBox;
      const at = { x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
      return [box.table.oid, { box, width, height, ...at }];
    }),
  );
  const routed = edges.flatMap((edge, i) => {
    const from = placed.get(edge.from.oid);
    const to = placed.get(edge.to.oid);
    const found = dagre.edge(String(edge.to.oid), String(edge.from.oid), String(i)) as {
      points: readonly Point[];
    };
    return from && to ? [{ edge, points: route(edge, from, to, found.points) }] : [];
  });
  partEnds(routed, placed);
  // A reference of a table to itself leaves the box on its right, where dagre knows of nothing.
  const right = routed.flatMap(({ points }) => points.map(({ x }) => x));
  return {
    width: Math.max(Math.round(found.width), ...right),
    height: Math.round(found.height),
    boxes: [...placed.values()],
    edges: routed,
  };
}

/** By oid: how many lines meet one side of the box, before any is turned round. */
function mostEnds(edges: readonly Reference[]): Map<number, number> {
  const sides = new Map<string, number>();
  const add = (oid: number, side: string, count: number) =>
    sides.set(`${oid} ${side}`, (sides.get(`${oid} ${side}`) ?? 0) + count);
  for (const { from, to } of edges) {
    add(to.oid, "right", from.oid === to.oid ? 2 : 1);
    if (from.oid !== to.oid) add(from.oid, "left", 1);
  }
  const most = new Map<number, number>();
  for (const [key, count] of sides) {
    const oid = Number.parseInt(key, 10);
    most.set(oid, Math.max(most.get(oid) ?? 0, count));
  }
  return most;
}

/** Spreads the ends of lines that meet the same side of a box. */
function partEnds(
  edges: readonly { readonly edge: Reference; readonly points: Point[] }[],
  boxes: ReadonlyMap<number, PlacedBox>,
): void {
  const sides = new Map<string, { box: PlacedBox; ends: LineEnd[] }>();
  for (const { edge, points } of edges) {
    const isLoop = edge.from.oid === edge.to.oid;
    for (const [table, at, beside] of [
      [edge.to, 0, 1],
      [edge.from, points.length - 1, points.length - 2],
    ] as const) {
      const box = boxes.get(table.oid);
      const [end, next] = [points[at], points[beside]];
      if (!box || !end || !next) continue;
      const key = `${table.oid} ${end.x}`;
      const side = sides.get(key) ?? { box, ends: [] };
      sides.set(key, side);
      side.ends.push({
        wanted: end.y,
        slope: (next.y - end.y) / Math.max(1, Math.abs(next.x - end.x)),
        moveTo(y) {
          points[at] = { x: end.x, y };
          if (isLoop) points[beside] = { x: next.x, y };
        },
      });
    }
  }
  for (const { box, ends } of sides.values()) spreadEnds(ends, box.y, box.height);
}

/**
 * From the key's line of one box to the column's line of the other, always at their sides, by way of
 * the bends that dagre made around boxes in between. A table's reference to itself is a loop.
 */
function route(edge: Reference, from: PlacedBox, to: PlacedBox, bends: readonly Point[]): Point[] {
  const start = lineOf(to, edge.toColumns);
  const end = lineOf(from, edge.columns);
  if (from === to) {
    const x = to.x + to.width;
    const out = x + 26;
    const below = start === end ? end + 10 : end;
    return [
      { x, y: start },
      { x: out, y: start },
      { x: out, y: below },
      { x, y: below },
    ];
  }
  // Where references go round in a circle, one of them runs the other way.
  const isBackward = to.x > from.x;
  const [left, right] = isBackward ? [from, to] : [to, from];
  const [first, last] = [left.x + left.width, right.x];
  const between = bends
    .map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }))
    .filter(({ x }) => x > first + 30 && x < last - 30);
  // A single one is the middle between neighbours, where nothing is in the way.
  const kept = between.length > 1 ? between : [];
  return [
    { x: isBackward ? to.x : to.x + to.width, y: start },
    ...kept,
    { x: isBackward ? from.x + from.width : from.x, y: end },
  ];
}

/** The height at which a box's column stands; its name's where only that is shown. */
function lineOf({ box, y, height }: PlacedBox, columns: readonly string[]): number {
  if (box.members) return y + Math.round(height / 2);
  const at = box.lines.findIndex(({ name }) => name === columns[0]);
  return y + (at === -1 ? measures.head / 2 : measures.head + 12 + at * measures.line);
}

export function sizeOf(box: Box): { width: number; height: number } {
  const { table, lines, members, isForeign } = box;
  if (members) {
    const { columns, columnWidth, rows } = gridOf(members);
    return { width: columns * columnWidth + measures.padding, height: rows * measures.line + 10 };
  }
  const widths = [
    widthOf(isForeign ? table.id : table.name),
    ...lines.map(({ name, type }) => widthOf(name) + 2 + widthOf(type)),
  ];
  return {
    width: Math.ceil(Math.max(...widths) * measures.character) + 2 * measures.padding + 18,
    height: measures.head + (lines.length === 0 ? 0 : lines.length * measures.line + 8),
  };
}

/** Names in columns, about as wide as high. */
export function gridOf(members: readonly TableName[]) {
  const longest = Math.max(...members.map(({ name }) => widthOf(name)));
  const columnWidth = Math.ceil(longest * measures.character) + measures.padding;
  const columns = Math.ceil(Math.sqrt((members.length * measures.line) / columnWidth));
  return { columns, columnWidth, rows: Math.ceil(members.length / columns) };
}

// What takes the room of two letters: Chinese, Japanese, Korean, emoji.
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u;

/** Characters of a fixed-width font, of a name that is cut where it is too long. */
export function widthOf(name: string): number {
  return Array.from(shorten(name)).reduce((sum, one) => sum + (wide.test(one) ? 2 : 1), 0);
}

export function shorten(name: string): string {
  const characters = Array.from(name);
  return characters.length <= mostCharacters
    ? name
    : `${characters.slice(0, mostCharacters - 1).join("")}…`;
}
