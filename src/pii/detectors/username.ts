import { Look, type Detector } from "../detector.ts";

export const username: Detector = {
  entity: "username",
  says: "a person's name for signing in or being called by",
  isDirect: true,
  kinds: ["text"],
  isVaried: true,
  names: `username, user name, login name, user login, loginname, screen name, screenname, handle, twitter handle, instagram handle, gamertag, user handle, nick, nickname, nom utilisateur, identifiant connexion, pseudo, pseudonyme, benutzername, anmeldename, nombre usuario, usuario nombre,
    nome utente, nome usuario, gebruikersnaam, nazwa uzytkownika, anvandarnamn, brukernavn, skype, skype id, skype name, telegram, telegram username, github username, github login, twitter, instagram, discord, discord tag, wechat, wechat id, line id, icq, xbox live, логин, ник`,
  weakNames:
    "login, user, usr, identifiant, benutzer, usuario, utente, uid name, account name, alias, created by, updated by, modified by, changed by, created user, actor name, operator",
  value: {
    look: ({ text, words }) =>
      words === 1 &&
      text.length >= 2 &&
      text.length <= 40 &&
      /^@?[\p{L}\d][\p{L}\d._@+-]*$/u.test(text) &&
      /\p{L}/u.test(text)
        ? Look.Shape
        : Look.No,
    chance: 1,
    weight: 0,
    against: 4,
  },
};
