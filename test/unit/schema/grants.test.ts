import { expect, test } from "vitest";
import { grantStatements, type Privilege } from "../../../src/schema/grants.ts";

// `reader=r*w/owner`, as PostgreSQL prints an entry.
function entries(...items: string[]): Privilege[] {
  const names: Record<string, string> = { r: "SELECT", a: "INSERT", w: "UPDATE", d: "DELETE" };
  return items.flatMap((item) => {
    const [, grantee = "", letters = "", grantor = ""] = /^(.*)=(.*)\/(.*)$/.exec(item) ?? [];
    return [...letters.matchAll(/([a-z])(\*?)/g)].map(([, letter = "", star]) => ({
      grantee: grantee === "" ? null : grantee,
      grantor,
      isOwners: grantee === "owner",
      isByOwner: grantor === "owner",
      privilege: names[letter] ?? letter,
      isGrantable: star === "*",
    }));
  });
}

function statements(present: string[], base: string[], column: string | null = null) {
  const list = {
    column,
    everything: ["INSERT", "SELECT", "UPDATE", "DELETE"],
    present: entries(...present),
    base: entries(...base),
  };
  return grantStatements(list, "TABLE t");
}

test("what is missing is revoked, then what is new is granted, PUBLIC first, then by name", () => {
  expect(
    statements(
      ["owner=rawd/owner", "zoe=r/owner", "ann=wr/owner", "=a/owner"],
      ["owner=rawd/owner", "=r/owner"],
    ).byOwner,
  ).toEqual([
    "REVOKE SELECT ON TABLE t FROM PUBLIC",
    "GRANT INSERT ON TABLE t TO PUBLIC",
    "GRANT SELECT, UPDATE ON TABLE t TO ann",
    "GRANT SELECT ON TABLE t TO zoe",
  ]);
});

test("all privileges are called ALL, and names are quoted", () => {
  expect(statements(["Al B=rawd/owner"], ["owner=rawd/owner"]).byOwner).toEqual([
    "REVOKE ALL ON TABLE t FROM owner",
    'GRANT ALL ON TABLE t TO "Al B"',
  ]);
});

test("grant options come and go on their own", () => {
  expect(statements(["a=r*w/owner", "b=rw/owner"], ["a=rw/owner", "b=r*w*/owner"]).byOwner).toEqual(
    [
      "REVOKE GRANT OPTION FOR SELECT, UPDATE ON TABLE t FROM b",
      "GRANT SELECT ON TABLE t TO a WITH GRANT OPTION",
    ],
  );
});

test("columns are named with each privilege", () => {
  expect(statements(["a=rw/owner"], [], "Col").byOwner).toEqual([
    'GRANT SELECT ("Col"), UPDATE ("Col") ON TABLE t TO a',
  ]);
});

test("what another role granted is kept apart", () => {
  expect(statements(["a=r/owner", "a=r/zoe", "b=w*/ann"], [])).toEqual({
    byOwner: ["GRANT SELECT ON TABLE t TO a"],
    byOthers: [
      {
        grantor: "ann",
        statements: ["GRANT UPDATE ON TABLE t TO b WITH GRANT OPTION"],
        heirs: ["b"],
      },
      { grantor: "zoe", statements: ["GRANT SELECT ON TABLE t TO a"], heirs: [] },
    ],
  });
});

test("without owners, their own privileges are left out", () => {
  const list = {
    column: null,
    everything: [],
    present: entries("owner=r/owner", "a=r/owner"),
    base: entries("owner=rawd/owner"),
  };
  expect(grantStatements(list, "TABLE t", { omitOwners: true }).byOwner).toEqual([
    "GRANT SELECT ON TABLE t TO a",
  ]);
});
