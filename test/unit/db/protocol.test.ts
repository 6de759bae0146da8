import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { replayGreeting, standIn } from "../../../src/db/wire/handover.ts";
import { readLastWords } from "../../../src/db/wire/protocol.ts";
import { errorResponse, message } from "../../support/fake-server.ts";

describe("readLastWords", () => {
  const fatal = errorResponse("57P01", "terminating connection");

  it("finds the reason behind other messages, whole or cut", () => {
    const rows = message("D", Buffer.from("0001000000045858", "hex"));
    for (const before of [Buffer.alloc(0), rows, rows.subarray(3), Buffer.from("EEEENNNN")]) {
      expect(readLastWords(Buffer.concat([before, fatal]))).toMatchObject({
        name: "PostgresError",
        severity: "FATAL",
        code: "57P01",
        message: "terminating connection",
      });
    }
  });

  it("takes the warning of a crash for one", () => {
    const warning = message("N", "SWARNING\0VWARNING\0C57P02\0Mterminating because of crash\0\0");
    expect(readLastWords(warning)).toMatchObject({ severity: "FATAL", code: "57P02" });
  });

  it("finds none in an ordinary error, a notice, or nothing", () => {
    const error = message("E", "SERROR\0VERROR\0C42601\0Msyntax error\0\0");
    expect(readLastWords(error)).toBeUndefined();
    expect(readLastWords(message("N", "SNOTICE\0VNOTICE\0C00000\0Mhello\0\0"))).toBeUndefined();
    expect(readLastWords(Buffer.concat([fatal, message("Z", "I")]))).toBeUndefined();
    expect(readLastWords(Buffer.alloc(0))).toBeUndefined();
  });
});

/** A socket whose bytes are at hand. */
function fakeSocket(): { socket: Socket; received: Buffer[]; written: Buffer[] } {
  const written: Buffer[] = [];
  const received: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  stream.on("error", () => {});
  return { socket: stream as Socket, received, written };
}

describe("replayGreeting", () => {
  it("swallows one write, then replays before everything else", async () => {
    const { socket, received, written } = fakeSocket();
    const greeting = [message("R", "ok"), message("Z", "I")];
    const handed = replayGreeting(socket, greeting);
    socket.push("early");
    handed.on("data", (chunk: Buffer) => received.push(chunk));
    await new Promise(setImmediate);
    expect(received).toEqual([]);

    handed.write("startup message");
    // The driver would lose the query that the greeting sets off inside of write().
    expect(received).toEqual([]);
    await new Promise(setImmediate);
    const text = Buffer.concat(received).toString("latin1");
    expect(text.startsWith(greeting[0]?.toString("latin1") ?? "?")).toBe(true);
    expect(text.endsWith(`${greeting[1]?.toString("latin1")}early`)).toBe(true);
    expect(written).toEqual([]);

    handed.write("query");
    expect(written.map(String)).toEqual(["query"]);
  });
});

describe("standIn", () => {
  const cancel = Buffer.from("0000001004d2162e0000000100000002", "hex");

  it("delivers a cancel request and closes", async () => {
    const delivered: Buffer[] = [];
    const socket = standIn(async (request) => void delivered.push(request));
    socket.write(cancel);
    await new Promise((resolve) => socket.once("close", resolve));
    expect(delivered).toEqual([cancel]);
  });

  it("breaks when the driver wants to go on with another backend", async () => {
    const socket = standIn(() => Promise.reject(new Error("not a cancel request")));
    socket.write(Buffer.from("0000000800030000", "hex"));
    const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(error.message).toBe("the connection was closed");
  });
});
