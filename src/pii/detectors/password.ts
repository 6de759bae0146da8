import { Look, type Detector } from "../detector.ts";

const hash =
  /^(?:\$2[abxy]?\$\d\d\$[./A-Za-z\d]{53}|\$argon2(?:id|i|d)\$|\$scrypt\$|scrypt:|pbkdf2[_:]|\$pbkdf2|\$[156]\$|\{(?:SSHA|SHA|CRYPT|SMD5)\d*\}|SCRAM-SHA-256\$|sha1\$\w|bcrypt\$|bcrypt_sha256\$|argon2\$|\$P\$|\$H\$|\$y\$|md5[\da-f]{32}$)/;

export const password: Detector = {
  entity: "password",
  says: "a password or its hash",
  isDirect: false,
  kinds: ["text", "bytes"],
  names:
    "password, passwd, pwd, pass word, passwort, password hash, passwordhash, password digest, hashed password, encrypted password, crypted password, password salt, pw hash, pass hash, old password, user password, userpassword, passphrase, mot passe, mot de passe, motdepasse, mdp, kennwort, contrasena, clave acceso, parola chiave, senha, wachtwoord, haslo, losenord, passord, salasana, heslo, jelszo, sifre, parola, пароль, 密码, パスワード, security answer, secret answer, security question answer, security question, reponse secrete",
  weakNames: "pass, pw, salt, clave",
  value: {
    look: ({ text }) =>
      hash.test(text) ? Look.Yes : text.length >= 4 && text.length <= 300 ? Look.Shape : Look.No,
    chance: 1e-5,
    weight: 7,
    against: 3,
  },
};
