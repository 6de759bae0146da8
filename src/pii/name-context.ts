/** Words around a phrase that decide what it means. Matched as whole words. */

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean));

/** Words for people. */
export const personWords = set(`
user usr customer cust client patient employee emp member person people contact student pupil teacher instructor trainer coach author guest subscriber
candidate applicant driver rider passenger owner lead profile beneficiary donor visitor participant recipient sender buyer seller doctor
physician nurse provider practitioner child parent father mother spouse guardian manager supervisor attendee tenant landlord borrower lender insured
claimant holder cardholder resident citizen voter worker staff agent crew player athlete friend follower relative kin emergency signer witness
employer colleague shopper consumer respondent caller requester submitter reporter assignee approver reviewer admin
utilisateur personne salarie patiente adherent abonne etudiant eleve enfant kunde kunden benutzer mitarbeiter nutzer mitglied ansprechpartner
mieter versicherter schuler usuario cliente empleado paciente persona alumno utente dipendente paziente persone studente funcionario aluno pessoa klant
gebruiker medewerker werknemer klient pracownik uzytkownik pacjent osoba kund brukere bruker kunder asiakas клиент пользователь сотрудник пациент
customers users clients patients employees members persons`);

/** After a phrase these change nothing: `email_address`, `phone_home`, `first_name_encrypted`. */
export const neutralTails = set(`
address addr number no nr num value val text txt raw encrypted enc ciphertext normalized normalised norm clean cleaned lower lowercase upper canonical
orig original primary secondary main home work office personal private business billing shipping delivery mailing contact old new previous prev
current alt alternate alternative backup other local intl international formatted full plain decrypted masked str string field fld col column data info
key encoded latin en fr de es it native kana kanji romaji line a b c i ii iii first second third one two 164 e numero code cd adresse column attr c p in
name nm mobile landline day evening night fixe portable domicile principal secondaire privat dienstlich geschaeftlich casa trabajo principale lavoro
and or und oder et ou o y of the residence birth registered legal permanent temporary postal residential uk us eu gb ca`);

/** After a phrase these make it something else: `email_count`, `phone_verified`, `address_type`. */
export const antiTails = set(`
count cnt total id ids uuid guid type typ types kind category class status enabled disabled verified verification confirmed validated valid validity
at on date time ts timestamp datetime sent opened clicked bounced delivered template subject provider domain server host hostname port format pattern regex
length len size policy required optional visible visibility flag optin optout opt preference preferences pref prefs frequency interval limit max min quota
rate score rank version model brand vendor manufacturer carrier label placeholder hint help icon color colour attempts attempt failures failed retries
expires expired expiry expiration ttl algorithm algo method strategy mode strength reset changed updated created deleted modified settings config setting option options
group role roles queue topic event events log logs schema table reason error errors mask column notification notifications campaign client_type
channel signature footer header body html source reputation usage cost fee price plan tier validation is allowed blocked bounce unsubscribed subscribed consent
priority order position index count number_of percentage percent ratio system gateway list lists page pages handler job provider batch checksum`);

/** Phrases that are known to be something else. */
export const harmless = `
memory address, contract address, token address, server address, host address, web address, base address, network address, bind address, listen address,
site address, cell address, register address, start address, email template, mail server, smtp server, host name, hostname, file name, filename, table name,
column name, schema name, product name, item name, sku name, app name, application name, service name, event name, job name, queue name, group name, role name,
domain name, company name, organization name, organisation name, org name, brand name, team name, project name, task name, category name, branch name, campaign name, store name,
shop name, device name, field name, tag name, plan name, course name, template name, session name, metric name, class name, method name, function name, display order,
company, organization, organisation, brand, manufacturer, vendor, supplier, publisher, department, team, product, title, job title, model, artist name label,
version, firmware, firmware version, release, build, build number, app version, api version, sdk version, os version, semver, revision, kernel, driver version,
siren, siret, ean, ean 13, gtin, upc, isbn, isbn 13, issn, barcode, sku, duns, lei, isin, cusip, ein, vat, vat id, vat number, ust id, cnpj, abn, acn, krs, regon, swift, bic, order number, order no,
invoice number, invoice no, tracking number, tracking no, reference number, ticket number, serial, serial no, serial number, batch number, lot number, part number, transaction id, transaction number,
process id, state machine, workflow state, order state, job state, cloud region, aws region, region zone, race condition, country of origin, origin country, manufacturing country,
etag, checksum, hash, sha, sha 1, sha256, sha 256, md 5, git sha, commit, commit sha, digest, trace id, span id, request id, correlation id, message id, uuid, guid, external id,
street view, page age, message age, cache age, max age, image age, git author, latency, lat ms, long description, long text, long name, short name, alias id, race time, race name, race id,
party size, party date, cell count, cell value, fax enabled, username format, password policy, token count, token type, tokens used, max tokens, prompt tokens, token id, pin color, map pin, pin number layout,
card type, card brand, card color, card layout, business card template, score card, credit limit, address type, address id, location id, location type, location code, warehouse location, bin location, storage location, file location, shelf location,
facebook pixel id, twitter card, sex ratio, gender ratio, weight class, shipping weight, product weight, item weight, gross weight, net weight, package weight, font weight, line height, image height, image width, screen height,
exchange rate, interest rate, music genre, film genre, book genre, movie genre, body html, body template, content type, mime type, message template, message type, message count, note count, comment count, content length, content hash,
logo, icon, banner, cover image, product image, image count, mail subject, default locale, locale, language, timezone, time zone, currency, slug, login count, login attempts, user count, user role, user type, user status`;
