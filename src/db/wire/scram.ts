/** SCRAM-SHA-256 (RFC 5802, 7677), with channel binding over TLS (RFC 5929). */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { PgwrightError } from "../../errors.ts";
import { preparePassword } from "./saslprep.ts";

export interface ScramChoice {
  readonly mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-256-PLUS";
  /** What the client says about channel binding: `n,,`, `y,,` or `p=tls-server-end-point,,`. */
  readonly header: string;
  /** Hash of the server's certificate; empty without channel binding. */
  readonly binding: Buffer;
}

export interface Scram {
  readonly first: string;
  /** Answers the server's challenge. */
  respond(challenge: string): Promise<string>;
  /** True when the server proved that it knows the password too. */
  verify(final: string): boolean;
}

const deriveKey = promisify(pbkdf2);

/** One exchange. @throws PgwrightError `authentication-failed` when the server's side is malformed. */
export function startScram(choice: ScramChoice, password: string): Scram {
  const nonce = randomBytes(18).toString("base64");
  const bare = `n=,r=${nonce}`;
  let serverSignature: Buffer | undefined;
  return {
    first: choice.header + bare,
    async respond(challenge) {
      const fields = readFields(challenge);
      const combined = fields.get("r") ?? "";
      const salt = Buffer.from(fields.get("s") ?? "", "base64");
      const iterations = Number(fields.get("i"));
      const isSane =
        combined.startsWith(nonce) &&
        combined.length > nonce.length &&
        salt.length > 0 &&
        Number.isInteger(iterations) &&
        iterations > 0;
      if (!isSane) throw malformed();
      const salted = await deriveKey(preparePassword(password), salt, iterations, 32, "sha256");
      const clientKey = hmac(salted, "Client Key");
      const binding = Buffer.concat([Buffer.from(choice.header), choice.binding]);
      const withoutProof = `c=${binding.toString("base64")},r=${combined}`;
      const message = `${bare},${challenge},${withoutProof}`;
      const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
      serverSignature = hmac(hmac(salted, "Server Key"), message);
      const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
      return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
    },
    verify(final) {
      const given = Buffer.from(readFields(final).get("v") ?? "", "base64");
      return (
        serverSignature !== undefined &&
        given.length === serverSignature.length &&
        timingSafeEqual(given, serverSignature)
      );
    },
  };
}

function readFields(text: string): Map<string, string> {
  return new Map(text.split(",").map((field) => [field.charAt(0), field.slice(2)]));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function malformed(): PgwrightError {
  return new PgwrightError("authentication-failed", "the server's SCRAM challenge is malformed");
}
