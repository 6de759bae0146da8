import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatherLeaves, type Box, type Graph } from "../../../src/handbook/diagram/graph.ts";
import { placeGraph } from "../../../src/handbook/diagram/layout.ts";
import { drawMermaid } from "../../../src/handbook/diagram/mermaid.ts";
import type { TableName } from "../../../src/handbook/model.ts";

const tableOf = (oid: number): TableName => ({
  oid,
  id: `public.t${oid}`,
  anchor: `public.t${oid}`,
  schema: "public",
  name: `t${oid}`,
});

/** Tables by number, and references between any two of them, to itself and in circles too. */
const graphs = fc
  .record({
    lines: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 25 }),
    edges: fc.array(fc.tuple(fc.nat(24), fc.nat(24)), { maxLength: 40 }),
  })
  .map(({ lines, edges }): Graph => ({
    title: "random",
    boxes: lines.map((count, i): Box => ({
      table: tableOf(i),
      isForeign: false,
      lines: Array.from({ length: count }, (_, k) => ({
        name: `column_${k}`,
        type: "uuid",
        isPrimary: k === 0,
        isReference: k > 0,
      })),
    })),
    edges: edges
      .map(([from, to]) => [from % lines.length, to % lines.length] as const)
      .map(([from, to]) => ({
        name: `fk_${from}_${to}`,
        from: tableOf(from),
        to: tableOf(to),
        columns: ["column_1"],
        toColumns: ["column_0"],
        onDelete: "",
        isOptional: false,
        isUnique: false,
      })),
  }));

describe("placeGraph", () => {
  it("lets the marks of lines that meet one side of a box stand apart", () => {
    fc.assert(
      fc.property(graphs, fc.boolean(), (graph, isAcyclic) => {
        const edges = graph.edges.filter(({ from, to }) => !isAcyclic || from.oid > to.oid);
        const placed = placeGraph({ ...graph, edges });
        const heights = new Map(placed.boxes.map(({ box, height }) => [box.table.oid, height]));
        const sides = new Map<string, number[]>();
        for (const { edge, points } of placed.edges) {
          for (const [oid, point] of [
            [edge.to.oid, points[0]],
            [edge.from.oid, points.at(-1)],
          ] as const) {
            const key = `${oid} ${point?.x}`;
            sides.set(key, [...(sides.get(key) ?? []), point?.y ?? 0]);
          }
        }
        for (const [key, ends] of sides) {
          const height = heights.get(Number.parseInt(key, 10)) ?? 0;
          // In a circle, a side may meet more lines than its box was made for.
          const room = (height - 14) / Math.max(1, ends.length - 1);
          const least = isAcyclic ? 12 : Math.min(12, room);
          const sorted = ends.toSorted((a, b) => a - b);
          for (const [n, y] of sorted.slice(1).entries()) {
            expect(y - (sorted[n] ?? 0), key).toBeGreaterThanOrEqual(least - 1);
          }
        }
      }),
    );
  });

  it("leaves a line at its column where nothing else is", () => {
    const [from, to] = [tableOf(2), tableOf(1)];
    const lines = ["id", "other"].map((name) => ({
      name,
      type: "uuid",
      isPrimary: false,
      isReference: false,
    }));
    const reference = { name: "fk", from, to, onDelete: "", isOptional: false, isUnique: false };
    const { boxes, edges } = placeGraph({
      title: "two",
      boxes: [from, to].map((table) => ({ table, isForeign: false, lines })),
      edges: [{ ...reference, columns: ["other"], toColumns: ["id"] }],
    });
    const topOf = (oid: number) => boxes.find(({ box }) => box.table.oid === oid)?.y ?? 0;
    const [{ points } = { points: [] }] = edges;
    expect(points.map(({ y }) => y)).toEqual([topOf(1) + 38, topOf(2) + 38 + 18]);
  });

  it("lets no two boxes overlap, keeps all inside, and ends lines at the sides of their boxes", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { boxes, edges, width, height } = placeGraph(graph);
        expect(boxes).toHaveLength(graph.boxes.length);
        expect(edges).toHaveLength(graph.edges.length);
        for (const [i, one] of boxes.entries()) {
          expect(one.x).toBeGreaterThanOrEqual(0);
          expect(one.y).toBeGreaterThanOrEqual(0);
          expect(one.x + one.width).toBeLessThanOrEqual(width);
          expect(one.y + one.height).toBeLessThanOrEqual(height);
          for (const other of boxes.slice(i + 1)) {
            const isApart =
              one.x + one.width <= other.x ||
              other.x + other.width <= one.x ||
              one.y + one.height <= other.y ||
              other.y + other.height <= one.y;
            expect(isApart, `${one.box.table.id} and ${other.box.table.id}`).toBe(true);
          }
        }
        const at = new Map(boxes.map((box) => [box.box.table.oid, box]));
        for (const { edge, points } of edges) {
          for (const [oid, point] of [
            [edge.to.oid, points[0]],
            [edge.from.oid, points.at(-1)],
          ] as const) {
            const box = at.get(oid);
            expect([box?.x, (box?.x ?? 0) + (box?.width ?? 0)]).toContain(point?.x);
            expect(point?.y).toBeGreaterThan(box?.y ?? Infinity);
            expect(point?.y).toBeLessThan((box?.y ?? 0) + (box?.height ?? 0) + 12);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is the same for the same graph", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        expect(placeGraph(graph)).toEqual(placeGraph(structuredClone(graph)));
      }),
      { numRuns: 20 },
    );
  });
});

describe("gatherLeaves", () => {
  it("loses no table, and no reference but those of what it gathers", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { boxes, edges } = gatherLeaves(graph);
        const shown = boxes.flatMap(({ table, members }) => members ?? [table]);
        expect(shown.map(({ oid }) => oid).toSorted((a, b) => a - b)).toEqual(
          graph.boxes.map(({ table }) => table.oid),
        );
        const alone = new Set(
          boxes.filter(({ members }) => !members).map(({ table }) => table.oid),
        );
        expect(edges.filter(({ from }) => alone.has(from.oid))).toEqual(
          graph.edges.filter(({ from }) => alone.has(from.oid)),
        );
        for (const { table } of boxes.filter(({ members }) => members !== undefined)) {
          expect(edges.filter(({ from }) => from.oid === table.oid)).toHaveLength(1);
        }
      }),
    );
  });
});

describe("drawMermaid", () => {
  it("quotes what is no plain name, and gives up where Mermaid would", () => {
    const odd = { ...tableOf(1), id: 'public."Or""der | 🛒"' };
    const lines = [{ name: "so-so", type: "varchar(20)", isPrimary: true, isReference: true }];
    const graph: Graph = { title: "", boxes: [{ table: odd, lines, isForeign: false }], edges: [] };
    expect(drawMermaid(graph)).toBe(
      'erDiagram\n  "public.Order | 🛒" {\n    varchar(20) so_so PK, FK\n  }',
    );
    const many = Array.from({ length: 501 }, (_, i) => ({
      name: String(i),
      from: odd,
      to: odd,
      columns: [],
      toColumns: [],
      onDelete: "",
      isOptional: false,
      isUnique: false,
    }));
    expect(drawMermaid({ ...graph, edges: many })).toBeUndefined();
    expect(drawMermaid({ ...graph, boxes: [] })).toBeUndefined();
  });
});
