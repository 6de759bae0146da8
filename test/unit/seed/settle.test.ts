import { expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import type { TableRows } from "../../../src/seed/rows.ts";
import { Settler } from "../../../src/seed/settle.ts";

it("lets signals come through where it asks the server nothing", async () => {
  const rows = {
    keys: [{ kind: "watched", columns: ["a", "b"] }],
    value: (column: string, row: number) => `${column} ${row}`,
    columns: [],
  } as unknown as TableRows;
  let breaths = 0;
  const session = {
    breathe: () => {
      breaths += 1;
      return breaths < 3 ? undefined : Promise.reject(new Error("stopped"));
    },
  } as unknown as Session;
  const settler = new Settler(rows, []);
  await settler.settle(session, 0, 10);
  await settler.settle(session, 10, 20);
  await expect(settler.settle(session, 20, 30)).rejects.toThrow("stopped");
});
