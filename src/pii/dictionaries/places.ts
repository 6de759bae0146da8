/** Countries, first-level regions and large cities: enough to know a column of them. Without accents. */

const list = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .split(/[,\n]/)
      .map((name) => name.trim())
      .filter(Boolean),
  );

export const countries = list(`
afghanistan, albania, algeria, andorra, angola, argentina, armenia, australia, austria, azerbaijan, bahamas, bahrain, bangladesh, barbados,
belarus, belgium, belize, benin, bhutan, bolivia, bosnia and herzegovina, botswana, brazil, brunei, bulgaria, burkina faso, burundi, cambodia,
cameroon, canada, cape verde, chad, chile, china, colombia, comoros, congo, costa rica, croatia, cuba, cyprus, czech republic, czechia, denmark,
djibouti, dominica, dominican republic, ecuador, egypt, el salvador, eritrea, estonia, eswatini, ethiopia, fiji, finland, france, gabon, gambia,
georgia, germany, ghana, greece, grenada, guatemala, guinea, guyana, haiti, honduras, hong kong, hungary, iceland, india, indonesia, iran, iraq,
ireland, israel, italy, ivory coast, jamaica, japan, jordan, kazakhstan, kenya, kuwait, kyrgyzstan, laos, latvia, lebanon, lesotho, liberia, libya,
liechtenstein, lithuania, luxembourg, macao, madagascar, malawi, malaysia, maldives, mali, malta, mauritania, mauritius, mexico, moldova, monaco,
mongolia, montenegro, morocco, mozambique, myanmar, namibia, nepal, netherlands, new zealand, nicaragua, niger, nigeria, north korea,
north macedonia, norway, oman, pakistan, palestine, panama, papua new guinea, paraguay, peru, philippines, poland, portugal, puerto rico, qatar,
romania, russia, russian federation, rwanda, samoa, san marino, saudi arabia, senegal, serbia, seychelles, sierra leone, singapore, slovakia,
slovenia, somalia, south africa, south korea, south sudan, spain, sri lanka, sudan, suriname, sweden, switzerland, syria, taiwan, tajikistan,
tanzania, thailand, togo, tonga, trinidad and tobago, tunisia, turkey, turkmenistan, uganda, ukraine, united arab emirates, united kingdom,
great britain, united states, united states of america, usa, uk, uruguay, uzbekistan, vanuatu, venezuela, vietnam, yemen, zambia, zimbabwe,
deutschland, osterreich, schweiz, frankreich, italien, spanien, niederlande, belgien, polen, allemagne, espagne, italie, suisse, belgique,
royaume-uni, etats-unis, espana, alemania, francia, italia, reino unido, estados unidos, brasil, germania, spagna, россия, украина`);

export const countryCodes = list(`
ad, ae, af, al, am, ao, ar, at, au, az, ba, bb, bd, be, bf, bg, bh, bi, bj, bo, br, bs, bw, by, bz, ca, cd, cf, cg, ch, ci, cl, cm, cn, co, cr, cu, cy, cz,
de, dj, dk, do, dz, ec, ee, eg, er, es, et, fi, fj, fr, ga, gb, ge, gh, gm, gn, gq, gr, gt, gy, hk, hn, hr, ht, hu, id, ie, il, in, iq, ir, is, it,
jm, jo, jp, ke, kg, kh, kr, kw, kz, la, lb, li, lk, lr, ls, lt, lu, lv, ly, ma, mc, md, me, mg, mk, ml, mm, mn, mo, mt, mu, mv, mw, mx, my, mz, na, ne,
ng, ni, nl, no, np, nz, om, pa, pe, pg, ph, pk, pl, pr, ps, pt, py, qa, ro, rs, ru, rw, sa, sc, sd, se, sg, si, sk, sl, sm, sn, so, sr, sv, sy, sz, td, tg,
th, tj, tm, tn, to, tr, tt, tw, tz, ua, ug, us, uy, uz, ve, vn, ye, za, zm, zw,
aus, aut, bel, bra, can, che, chn, cze, deu, dnk, esp, fin, fra, gbr, grc, hun, ind, irl, isr, ita, jpn, kor, mex, nld, nor, nzl, pol, prt, rou, rus,
sgp, svk, svn, swe, tur, ukr, usa, zaf`);

export const regions = list(`
alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, florida, georgia, hawaii, idaho, illinois, indiana, iowa, kansas,
kentucky, louisiana, maine, maryland, massachusetts, michigan, minnesota, mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey,
new mexico, new york, north carolina, north dakota, ohio, oklahoma, oregon, pennsylvania, rhode island, south carolina, south dakota, tennessee, texas,
utah, vermont, virginia, washington, west virginia, wisconsin, wyoming, district of columbia, alberta, british columbia, manitoba, new brunswick,
newfoundland and labrador, nova scotia, ontario, prince edward island, quebec, saskatchewan, yukon, new south wales, queensland, south australia,
tasmania, victoria, western australia, england, scotland, wales, northern ireland, baden-wurttemberg, bayern, berlin, brandenburg, bremen, hamburg,
hessen, mecklenburg-vorpommern, niedersachsen, nordrhein-westfalen, rheinland-pfalz, saarland, sachsen, sachsen-anhalt, schleswig-holstein,
thuringen, bavaria, saxony, hesse, auvergne-rhone-alpes, bretagne, bourgogne-franche-comte, centre-val de loire, grand est, hauts-de-france,
ile-de-france, normandie, nouvelle-aquitaine, occitanie, pays de la loire, provence-alpes-cote d'azur, andalucia, cataluna, madrid, galicia,
lombardia, lazio, toscana, sicilia, veneto, piemonte, zurich, bern, kent, essex, surrey, devon, cornwall, norfolk, suffolk, yorkshire, lancashire,
berkshire, hampshire, cambridgeshire, avon, bedfordshire, buckinghamshire, cheshire, cumbria, derbyshire, dorset, durham, gloucestershire,
hertfordshire, lincolnshire, oxfordshire, shropshire, somerset, staffordshire, warwickshire, wiltshire, worcestershire`);

export const regionCodes = list(`
al, ak, az, ar, ca, co, ct, de, fl, ga, hi, id, il, in, ia, ks, ky, la, me, md, ma, mi, mn, ms, mo, mt, ne, nv, nh, nj, nm, ny, nc, nd, oh, ok, or, pa, ri, sc,
sd, tn, tx, ut, vt, va, wa, wv, wi, wy, dc, ab, bc, mb, nb, nl, ns, on, pe, qc, sk, yt, nsw, qld, sa, tas, vic, act, nt`);

export const cities = list(`
london, paris, berlin, madrid, rome, roma, vienna, wien, amsterdam, brussels, bruxelles, lisbon, lisboa, dublin, copenhagen, stockholm, oslo,
helsinki, warsaw, warszawa, krakow, prague, praha, budapest, bucharest, sofia, athens, istanbul, ankara, moscow, kyiv, kiev, minsk, riga, vilnius,
tallinn, zurich, geneva, geneve, basel, bern, lausanne, munich, munchen, hamburg, cologne, koln, frankfurt, stuttgart, dusseldorf, leipzig, dresden,
hanover, hannover, nuremberg, nurnberg, bremen, essen, dortmund, bonn, lyon, marseille, toulouse, nice, nantes, strasbourg, montpellier, bordeaux,
lille, rennes, barcelona, valencia, seville, sevilla, zaragoza, malaga, bilbao, milan, milano, naples, napoli, turin, torino, palermo, genoa, genova,
bologna, florence, firenze, venice, venezia, verona, porto, rotterdam, utrecht, eindhoven, the hague, den haag, antwerp, antwerpen, ghent, gent,
manchester, birmingham, liverpool, leeds, sheffield, bristol, glasgow, edinburgh, cardiff, belfast, newcastle, nottingham, leicester, cork, galway,
gothenburg, goteborg, malmo, aarhus, bergen, trondheim, tampere, turku, gdansk, wroclaw, poznan, lodz, brno, ostrava, salzburg, graz, linz, innsbruck,
new york, new york city, los angeles, chicago, houston, phoenix, philadelphia, san antonio, san diego, dallas, san jose, austin, jacksonville,
fort worth, columbus, charlotte, san francisco, indianapolis, seattle, denver, washington, boston, el paso, nashville, detroit, portland, memphis,
oklahoma city, las vegas, louisville, baltimore, milwaukee, albuquerque, tucson, fresno, sacramento, kansas city, mesa, atlanta, omaha, miami,
colorado springs, raleigh, long beach, virginia beach, oakland, minneapolis, tulsa, tampa, arlington, new orleans, wichita, cleveland, bakersfield,
honolulu, anaheim, aurora, santa ana, riverside, pittsburgh, cincinnati, st. louis, anchorage, orlando, newark, buffalo, toronto, montreal,
vancouver, calgary, ottawa, edmonton, winnipeg, quebec, halifax, mexico city, guadalajara, monterrey, puebla, bogota, medellin, cali, lima, quito,
santiago, buenos aires, cordoba, rosario, montevideo, sao paulo, rio de janeiro, brasilia, salvador, fortaleza, curitiba, recife, porto alegre,
caracas, havana, tokyo, osaka, kyoto, yokohama, nagoya, sapporo, seoul, busan, beijing, shanghai, guangzhou, shenzhen, chengdu, wuhan, hangzhou,
hong kong, taipei, singapore, bangkok, jakarta, manila, hanoi, ho chi minh city, kuala lumpur, mumbai, delhi, new delhi, bangalore, bengaluru,
hyderabad, chennai, kolkata, pune, ahmedabad, jaipur, karachi, lahore, islamabad, dhaka, colombo, kathmandu, tehran, baghdad, dubai, abu dhabi,
riyadh, jeddah, doha, tel aviv, jerusalem, beirut, amman, cairo, alexandria, casablanca, rabat, tunis, algiers, lagos, abuja, accra, nairobi,
addis ababa, kampala, johannesburg, cape town, durban, pretoria, sydney, melbourne, brisbane, perth, adelaide, canberra, auckland, wellington,
christchurch, москва, санкт-петербург, новосибирск, киев`);
