/** Common given names of several languages, without accents: enough to know a column of them, not every one. */
const names = `
aaron abdul abdullah abigail adam adele adrian adriana agata agnes agnieszka ahmad ahmed aidan aino aisha akash akira alan alana albert
alberto aleksander aleksandra alejandra alejandro alena alessandra alessandro alex alexander alexandra alexandre alexei alexis alfonso alfred
ali alice alicia alina alison allison alma amanda amber amelia amelie amina amir amit amy ana anastasia anders andre andrea andreas andrei
andres andrew andrzej angel angela angelica angelina anika anita anja ann anna annabel anne annette annie anthony antje antoine anton antonia
antonio anya april ariana ariel arjun arnaud arne arthur arturo asa ashley ashok astrid aurelie aurora ava axel ayesha bailey barbara bart
bartosz beata beatrice beatriz becky ben benjamin benoit bernard bernd bertha beth bethany betty beverly bianca bill billy birgit bjorn bob
bogdan bonnie boris brad bradley brandon brenda brendan brent brett brian bridget britney brittany bruce bruno bryan byron caleb calvin
cameron camila camille candice carl carla carlo carlos carmen carol carole carolina caroline carrie casey cassandra catalina caterina catherine
cathy cecilia cedric celeste celia celine chad chantal charlene charles charlie charlotte chen cheng chelsea cheryl chiara chloe chris christa
christian christina christine christophe christopher cindy claire clara clarence claudia claudio claus clemence clement clifford clint cody
colette colin connor constance cora corey cornelia courtney craig cristian cristina crystal curtis cynthia dagmar daisy dale damian damien
dan dana daniel daniela daniele danielle danny daria dariusz darius darlene darrell darren dave david dawn dean deanna deborah debra deepak
delphine denise dennis derek diana diane diego dieter dietmar dimitri dirk dmitri dolores dominic dominik dominique don donald donna dora
doris dorothy doug douglas duncan dustin dylan earl ebony eddie edgar edith edmund eduardo edward edwin eileen ekaterina elaine eleanor elena
eleonora eli elias elijah elin elisa elisabeth elise elizabeth ella ellen ellie elodie elsa elsie emil emilia emilie emily emma emmanuel
enrico enrique eric erica erik erika erin ernest ernesto ernst esther ethan etienne eugene eva evan evelyn ewa fabian fabien fabio fabrice
faith farah fatima fatma federica federico felicia felipe felix fernanda fernando filip fiona flora florence florian frances francesca
francesco francis francisco franck francois frank franz fred frederic frederick frederik frida friedrich gabriel gabriela gabriele gabriella
gail gary gavin gemma genevieve geoffrey georg george georgia georgina gerald gerard gerd gerhard gertrude giacomo gianluca gilbert gilles
gina giorgio giovanna giovanni giulia giuseppe gladys glen glenn gloria gonzalo gordon grace graham grant greg gregory greta grzegorz guido
guillaume guillermo gunter gustav gustavo guy gwen haley hamza hannah hannes hans harald harold harriet harry harvey hassan hazel heather
hector heidi heike heinrich heinz helen helena helene helga helmut henri henrik henry herbert herman hilary hilda holger holly horst howard
hubert hugh hugo hussein ian ibrahim ida ignacio igor ilona ilse imran ines inga inge ingrid ioana irene irina irma isaac isabel isabella
isabelle isaiah isla ivan ivana jack jackie jackson jacob jacqueline jacques jade jake jakob jakub james jamie jan jana jane janet janice
janina janine jared jaroslav jasmin jasmine jason javier jay jean jeanette jeanne jeff jeffrey jen jenna jennifer jenny jens jeremy jerome
jerry jesse jessica jessie jesus jill jim jimmy jin joan joana joann joanna joanne joao joaquin jodi joe joel joerg johan johanna johannes
john johnny jolanta jon jonas jonathan jordan jorg jorge jose josef josefina joseph josephine joshua joy joyce juan juana juanita judith judy
julia julian juliana julie julien juliette julio jurgen justin justine justyna jutta karel karen karin karina karl karla katarina katarzyna
kate katharina katherine kathleen kathryn kathy katia katie katja katrin katrina kay kayla keith kelly ken kenneth kenji kerry kerstin kevin
khaled kim kimberly kirsten klaus konrad krista kristen kristian kristin kristina krystyna krzysztof kurt kyle lara larry lars laszlo laura
lauren laurence laurent lawrence layla lea leah lee leif lena lennart leo leon leona leonard leonardo leroy leslie leticia levi lewis li liam
lidia lillian lilly lily lina linda lindsay lindsey linus lisa lloyd logan lois lola lorena lorenzo loretta lori lorraine louis louisa louise
luc luca lucas lucia luciana lucie lucille lucy ludovic luigi luis luisa lukas lukasz luke lydia lynn mabel madeleine madeline madison maggie
magdalena magnus mahmoud maja malgorzata malik mandy manfred manon manuel manuela mara marc marcel marcela marcelo marcia marcin marco marcos
marcus marek margaret margarita margot maria mariam marian mariana marianne marie mariam marilyn marina mario marion marisa marius mariusz
marjorie mark marko markus marlene marta martha martin martina martine marvin mary maryam mason massimo mateo mateusz mathias mathieu mathilde
matilda matteo matthew matthias mattia maureen maurice mauricio mauro max maxim maxime maximilian maya megan mehmet mei melanie melinda melissa
melvin mercedes meredith mia michael michaela michal michel michele michelle miguel mike mikael mikhail mila mildred milena milos mina miranda
miriam misty mitchell mohamed mohammad mohammed molly mona monica monika monique morgan moritz muhammad muriel mustafa nadia nadine nancy naomi
natalia natalie natasha nathalie nathan nathaniel neil nelly nelson nicholas nick nicola nicolas nicole niels nikita nikola nikolai nils nina
noah noel noemi nora norbert norma norman oceane olaf oleg oliver olivia olivier olga omar oscar oskar otto owen pablo paige pamela paola paolo
pascal pat patrice patricia patricio patrick patrik patty paul paula paulina pauline paulo pavel pawel pearl pedro peggy penelope penny per
perry pete peter petr petra phil philip philipp philippe phillip phyllis pia pierre pieter piotr pooja priya quentin rachel rafael rahul raj
rajesh ralf ralph ramon ramona randall randy raphael raquel raul ravi ray raymond rebecca regina reinhard rekha renata renate rene renee
reza ricardo riccardo richard rick ricky riley rita rob robert roberta roberto robin rocio rodney rodrigo roger roland rolf roman romain ron
ronald ronnie rosa rosalie rosario rose rosemary ross roxanne roy ruben ruby rudolf russell ruth ryan sabine sabrina sally salma salvador
salvatore sam samantha sami samir samuel sandeep sandra sandy sanjay santiago sara sarah sasha saskia scott sean sebastian selina serena serge
sergei sergio seth shane shannon sharon shaun shawn sheila shelley sherry shirley sibylle silke silvia simon simona simone sofia sofie
solange sonia sonja sophia sophie stacey stacy stan stanislav stanley stefan stefania stefanie stella stephan stephane stephanie stephen steve
steven stuart sue sunil susan susana susanna susanne suzanne sven svetlana sylvia sylvie tamara tammy tanya tara tatiana ted teresa terrance
terry thea thelma theo theodore theresa therese thibault thierry thomas tiffany tim timothy tina tobias todd tom tomas tomasz tommy toni tony
tracey tracy travis trevor tristan troy tyler udo ulrich ulrike ursula ute valentin valentina valerie vanessa vasily veronica veronique vicki
vickie vicky victor victoria vijay viktor viktoria vincent viola violet virginia virginie vivian vladimir volker wade walter wanda warren wayne
wei wendy werner wesley wilhelm willem william willie wilma winston wojciech wolfgang xavier yan yannick yolanda yuki yuri yusuf yves yvonne
zachary zainab zara zoe zofia иван александр сергей андрей дмитрий алексей михаил николай владимир елена анна мария ольга наталья татьяна
екатерина ирина светлана анастасия юлия павел артем максим роман виктор`;

export const givenNames: ReadonlySet<string> = new Set(names.split(/\s+/).filter(Boolean));
