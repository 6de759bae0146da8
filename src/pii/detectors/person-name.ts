import { Look, type Detector } from "../detector.ts";
import { givenNames } from "../dictionaries/given-names.ts";
import { surnames } from "../dictionaries/surnames.ts";
import { plain } from "../name-words.ts";

const shape = /^\p{L}[\p{L}\p{M}'\u2019.\- ]*,?[\p{L}\p{M}'\u2019.\- ]*$/u;

export const personName: Detector = {
  entity: "person_name",
  says: "a person's name",
  isDirect: true,
  kinds: ["text", "bytes"],
  isVaried: true,
  names: `first name, firstname, fname, f name, given name, given names, forename, first nm, last name, lastname, lname, l name, last nm, surname, family name, familyname, middle name, middlename, mname, middle initial, maiden name,
    full name, fullname, legal name, birth name, real name, person name, contact name, contact person, display name, displayname, preferred name, nickname, nick name, mothers maiden name, mother maiden name, cardholder, card holder, cardholder name, name on card,
    account holder, holder name, next of kin, emergency contact, emergency contact name, signatory, signed by name, salutation name, alias name, attn,
    prenom, prenoms, nom famille, nom de famille, nom complet, nom usage, nom naissance, nom jeune fille, nom prenom, nom client, vorname, nachname, familienname, geburtsname, vollname, ansprechpartner, vor nachname, rufname,
    apellido, apellidos, primer apellido, segundo apellido, primer nombre, nombre completo, nombre cliente, nombre y apellidos, nombres, cognome, nome completo, nome cognome, nome cliente, sobrenome, apelido, primeiro nome, ultimo nome, nome mae, nome pai,
    achternaam, voornaam, volledige naam, tussenvoegsel, imie, nazwisko, imie nazwisko, imie i nazwisko, fornamn, efternamn, fornavn, etternavn, efternavn, etunimi, sukunimi, jmeno, prijmeni, keresztnev, vezeteknev,
    familiya, imya, otchestvo, fio, имя, фамилия, отчество, фио, 氏名, 姓名, 名前, 이름, ad soyad, soyad, soyadi`,
  weakNames:
    "nom, nombre, nome, imie, first, last, given, family, middle, patronymic, holder, beneficiary, signer, attention, spouse, guardian, next kin, assigned to, reported by, inspector, author, owner name, recipient, addressee, naam, meno",
  afterPerson: "name, nm, names",
  value: {
    look({ text, words, digits }) {
      if (digits > 0 || text.length < 2 || text.length > 60 || words > 5 || !shape.test(text))
        return Look.No;
      const parts = plain(text)
        .split(/[^\p{L}]+/u)
        .filter(Boolean);
      if (parts.length === 0 || parts.length > 6) return Look.No;
      const known = parts.filter((part) => givenNames.has(part) || surnames.has(part)).length;
      if (known === 0 || (parts.length > 3 && known < 2)) return Look.Shape;
      // Names begin with capitals, or are written in one case throughout.
      return /^\p{Lu}|^\P{Lu}+$/u.test(text) && (parts.length < 3 || known >= 1)
        ? Look.Yes
        : Look.Shape;
    },
    chance: 0.03,
    weight: 4.5,
    against: 4,
    share: 0.15,
  },
};
