import { Look, type Detector } from "../detector.ts";

const words = new Set(
  `christian muslim jewish hindu buddhist sikh catholic protestant orthodox atheist agnostic evangelisch katholisch islam islamic judaism hinduism buddhism christianity
   heterosexual homosexual bisexual gay lesbian pansexual asexual straight caucasian hispanic latino asian black white`.split(
    /\s+/,
  ),
);

export const sensitive: Detector = {
  entity: "sensitive",
  says: "belief, origin, orientation or conviction (GDPR article 9 and 10)",
  isDirect: false,
  kinds: ["text", "boolean", "number"],
  names: `religion, religious affiliation, religious belief, faith, denomination, konfession, religionszugehorigkeit, ethnicity, ethnic group, ethnic origin, ethnic, racial origin, ethnie, origine ethnique, political affiliation, political party, political view, political opinion, party affiliation, sexual orientation, orientation sexuelle, sexuelle orientierung, orientacion sexual, trade union, union member, union membership, gewerkschaft, caste, tribe, criminal record, criminal history, conviction, convictions, felony, arrest record, immigration status, visa status, citizenship, citizenship status, nationality, nationalite, nationalitaet, staatsangehorigkeit, nacionalidad, nazionalita, cittadinanza, nacionalidade, nationaliteit, narodowosc, obywatelstwo, religione, religiao, национальность, гражданство, 国籍, marital status, civil status, familienstand, situation familiale, estado civil, stato civile, burgerlijke staat, stan cywilny, maritalstatus, veteran status, disability status, mother tongue, muttersprache`,
  weakNames: "race, orientation, party, belief, origin ethnic, nation, visa",
  value: {
    look: ({ lower }) => (words.has(lower) ? Look.Yes : Look.Shape),
    chance: 0.02,
    weight: 3,
    against: 0,
    byRows: true,
  },
};
