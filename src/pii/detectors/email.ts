import { Look, type Detector } from "../detector.ts";

const address =
  /[\p{L}\d!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\d!#$%&'*+/=?^_`{|}~-]+)*@(?:[\p{L}\d](?:[\p{L}\d-]{0,61}[\p{L}\d])?\.)+(?:\p{L}{2,18}|xn--[a-z\d-]{2,20})/u;
const whole = new RegExp(`^(?:mailto:)?(?:"?[^"<>@]{0,80}"?\\s*<)?${address.source}>?$`, "u");

// `logo@2x.png` and `git@github.com` are no addresses of people; a message's id is made by a machine.
const fileEnding = /\.(?:png|jpe?g|gif|svg|webp|css|js|json|map|md|txt|html?|ts|tsx|zip)$/;

function isPersonal(found: string): boolean {
  const lower = found.toLowerCase();
  return (
    !fileEnding.test(lower) && !lower.startsWith("git@") && (found.match(/\d/g)?.length ?? 0) < 13
  );
}

export const email: Detector = {
  entity: "email",
  says: "an e-mail address",
  isDirect: true,
  kinds: ["text", "bytes"],
  names: `email, e mail, mail, mail address, email address, e mail address, email addr, emailaddr, mailaddr, eml, email id, user email, mail id, login email,
    courriel, adresse email, adresse mail, adresse electronique, adresse courriel, correo, correo electronico, direccion email, direccion correo,
    posta elettronica, indirizzo email, indirizzo mail, correio, correio eletronico, endereco email, poczta, adres email, adres e mail, email adres, emailadres,
    mailadresse, email adresse, e mail adresse, epost, e post, sahkoposti, eposta, e posta, почта, эл почта, электронная почта, メール, メールアドレス, 邮箱, 이메일`,
  value: {
    look: ({ text }) =>
      text.includes("@") && whole.test(text) && isPersonal(text) ? Look.Yes : Look.No,
    chance: 1e-5,
    weight: 7,
    against: 6,
    within({ text }) {
      if (!text.includes("@")) return undefined;
      const found = address.exec(text);
      if (!found) return undefined;
      const before = text.slice(0, found.index);
      // The password of `https://user:password@host` stands before that sign too.
      if (/:\/\/[^\s/]*$/.test(before) || (/[:/][^\s]*$/.test(before) && before.includes("://")))
        return undefined;
      return isPersonal(found[0]) && text[found.index + found[0].length] !== ":"
        ? found[0]
        : undefined;
    },
  },
};
