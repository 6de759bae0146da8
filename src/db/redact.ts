/** Takes passwords out of text that is going to be shown. */

const mask = "***";

const secretNames =
  "(?:[a-z_]*password|passwd|pwd|oauth_client_secret|scram_client_key|scram_server_key)";

const isSecretName = new RegExp(`^${secretNames}$`, "i");

// What begins first counts: a quoted value may contain a URL, and a URL's password anything. A value
// runs to the next blank outside quotes, and a backslash takes the next character with it. Where a
// quote is not closed, everything to the end goes, and where one is, what is glued to it: better too much than a piece of it.
const inText = new RegExp(
  `(\\b${secretNames}\\s*=\\s*)(?:'(?:\\\\[^]|[^\\\\'])*(?:'|$)\\S*|(?:\\\\[^]|[^\\s\\\\])+)` +
    // A scheme of any length would be sought again from each letter of a long word: 26 s for 100 kB.
    "|[a-z][a-z0-9+.-]{0,31}://\\S+",
  "gi",
);

// One of them is in whatever the two others find; most texts have none, and this is soon said.
const mayHold = /password|passwd|pwd|oauth_client_secret|scram_|:\/\//i;

const inJson = new RegExp(`("${secretNames}"\\s*:\\s*)"(?:\\\\[^]|[^\\\\"])*"`, "gi");

/**
 * Removes the passwords of every connection URL and key=value string inside a text, encoded or
 * not. It takes rather too much than too little: of a URL with an "@", what follows the last one
 * survives.
 */
export function redact(text: string): string {
  if (!mayHold.test(text)) return text;
  return text
    .replace(inJson, `$1"${mask}"`)
    .replace(inText, (found, name: string | undefined) =>
      name === undefined ? redactUrl(found) : name + mask,
    );
}

function redactUrl(url: string): string {
  return redactCredentials(url).replace(
    /([?&])([^=&?]+)=([^&]*)/g,
    (whole, before: string, name: string) =>
      isSecretName.test(decode(name)) ? `${before}${name}=${mask}` : whole,
  );
}

function redactCredentials(url: string): string {
  const start = url.indexOf("://") + 3;
  const colon = url.indexOf(":", start);
  // The last "@", because an unencoded password may have one of its own.
  const at = url.lastIndexOf("@");
  if (colon === -1 || at < colon) return url;
  let rest = url.slice(at + 1);
  // That "@" may also stand in ?password=…: then what follows it is still the password.
  const name = /[?&]([^=&?]+)=[^&]*$/.exec(url.slice(0, at))?.[1];
  if (name !== undefined && isSecretName.test(decode(name))) rest = rest.replace(/^[^&]*/, mask);
  return `${url.slice(0, colon)}:${mask}@${rest}`;
}

function decode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
