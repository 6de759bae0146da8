import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findService, parseService } from "../../../src/db/libpq/service-file.ts";
import { withFolder } from "../../support/folder.ts";

const parse = (source: string) => {
  const values = parseService(source, "s", "/f");
  return values === undefined ? undefined : Object.fromEntries(values);
};

describe("a service file", () => {
  it.each<[string, Record<string, string> | undefined]>([
    ["[s]\nhost=h\nport=5", { host: "h", port: "5" }],
    ["# c\n\n  [s]  \n # c\n host=h \n", { host: "h" }],
    ["[other]\nhost=x\n[s]\nhost=h", { host: "h" }],
    ["[s]\nhost=h\n[other]\nport=1", { host: "h" }],
    ["[s]\nhost=h\n[s]\nport=1", { host: "h" }],
    ["[s]\nhost=first\nhost=second", { host: "first" }],
    ["[s]\nhost=", { host: "" }],
    ["[s]\noptions=-c a=b", { options: "-c a=b" }],
    ["[s]\nhost= h", { host: " h" }],
    ["[s]\r\nhost=h\r\n", { host: "h" }],
    ["[s]", {}],
    ["[t]\nhost=h", undefined],
    ["", undefined],
  ])("%j", (source, expected) => {
    expect(parse(source)).toEqual(expected);
  });

  it.each([
    ["[s]\nhost", "not `keyword=value`", 2],
    ["[s]\n\n  bogus=1", "`bogus` is not a connection parameter", 3],
    ["[s]\nhost =h", "`host ` is not a connection parameter", 2],
    ["[s]\nservice=t", "cannot name another one", 2],
    ["[s]\nldap://x", "LDAP", 2],
  ])("refuses %j with the line", (source, message, line) => {
    expect(() => parse(source)).toThrow(
      expect.objectContaining({
        code: "connection-invalid",
        message: expect.stringContaining(message),
        details: expect.objectContaining({
          at: expect.objectContaining({ file: "/f", line }),
        }),
      }),
    );
  });

  it("ignores mistakes in other sections", () => {
    expect(parse("[t]\nbogus\n[s]\nhost=h")).toEqual({ host: "h" });
  });
});

describe("findService", () => {
  const lookup = { name: "s", file: undefined, environment: {}, homeDirectory: "/nonexistent" };

  it("looks into the user's file first, then into the system's", async () => {
    await using home = await withFolder({ ".pg_service.conf": "[a]\nhost=user\n" });
    await using system = await withFolder({
      "pg_service.conf": "[a]\nhost=system\n[b]\nhost=system\n",
    });
    const both = {
      ...lookup,
      homeDirectory: home.path,
      environment: { PGSYSCONFDIR: system.path },
    };
    expect(findService({ ...both, name: "a" }).values.get("host")).toBe("user");
    expect(findService({ ...both, name: "b" })).toMatchObject({
      file: join(system.path, "pg_service.conf"),
    });
  });

  it("says where it looked", async () => {
    await using home = await withFolder({ ".pg_service.conf": "[a]\n" });
    expect(() => findService({ ...lookup, homeDirectory: home.path })).toThrow(
      expect.objectContaining({
        message: "no service file defines the service `s`",
        details: expect.objectContaining({
          notes: [`read: ${home.path}/.pg_service.conf`],
          hint: `add a section [s] to ${home.path}/.pg_service.conf`,
        }),
      }),
    );
  });

  it("insists on the file that PGSERVICEFILE names", () => {
    expect(() => findService({ ...lookup, file: "/nonexistent/file" })).toThrow(
      "the service file /nonexistent/file does not exist",
    );
  });
});
