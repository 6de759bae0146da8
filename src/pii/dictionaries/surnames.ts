/** Common surnames of several languages, without accents. Those that are also common words are left out. */
const names = `
adams aguilar ahmed alexander allen alvarez andersen anderson andersson andrews antoine armstrong arnold austin bailey baker banerjee bakker barnes
bauer baumann bell bennett berg bergmann bernard bertrand bianchi blanc bonnet boucher bouvier boyd bradley brandt braun brooks brown bruno
bryant burke burns butler campbell carlson carpenter carroll carter castillo castro chapman chavez chavan chen chevalier christensen clark clarke
clement cohen coleman colin collins colombo conti contreras cooper costa cox crawford cruz cunningham daniels das davies davis delgado desai diaz
dietrich dixon dubois dufour dumont dunn dupont dupuis durand duncan edwards elliott ellis engel eriksson esposito evans faure fernandes
fernandez ferguson ferrari ferreira fischer fisher fletcher flores fontaine ford foster fournier fowler fox francois frank franke friedrich
fuchs fuentes gallagher gallo garcia gardner garnier gauthier george gibson girard giordano gomes gomez goncalves gonzales gonzalez gordon graf
graham grant greco greene griffin gross gruber guerin guerrero gupta gutierrez guzman hahn hall hamilton hansen hansson hanson harper harris
harrison hart hartmann harvey hayes heinrich henderson henry hernandez herrera herrmann hicks hoffman hoffmann hofmann holmes horn howard hubbard
huber hudson huang hughes hunt hunter iglesias ivanov ivanova jackson jacobs jaeger jain jansen janssen jansson jenkins jensen jimenez johansen
johansson johnson johnston jones jordan jorgensen joseph joshi kaiser kaminski karlsson kaur keller kelley kelly kennedy khan kim klein knight
koch kovac kovacs kowalczyk kowalski kozlov kozlowski kraus krause krueger kruger kuhn kumar kuznetsov lambert lang lange larsen larsson laurent
lawrence lawson leclerc lefebvre legrand lehmann leroy lewandowski lewis lindberg lindgren liu lombardi long lopes lopez lorenz ludwig lukas
maier marchand marchetti marino marques marshall martin martinez mason matthews mayer mazur mccarthy mcdonald mcdonnell medina mehta meier
mendes mendez mendoza mercier meunier meyer michel mikkelsen miller mills mitchell mohamed moller montgomery moore moreau morel moreno moretti
morgan morin morris morrison mueller mukherjee muller munoz murphy murray myers nair navarro nelson neumann newman nguyen nicholson nicolas
nielsen nilsson noel novak nowak olsen olson olsson ortega ortiz otto owens palmer parker parsons patel patil pedersen pereira perez perkins
perrin perry persson peters petersen peterson petrov petrova petit pfeiffer phillips pierce pinto popov porter powell price ramirez ramos
rasmussen reed reid reyes reynolds ribeiro ricci richards richardson richter riley rivera rizzo roberts robertson robin robinson rodrigues
rodriguez rogers rohde romano romero rossi rousseau roussel roux ruiz russell russo ryan salazar sanchez sanders santos sauer schaefer schafer
schmid schmidt schmitt schmitz schneider scholz schreiber schroder schroeder schubert schulte schultz schulz schulze schumacher schuster schwarz
scott seidel shah sharma shaw silva simmons simon simpson singh smirnov smith smits snyder soares sokolov sommer sorensen soto spencer stein
stephens stevens stewart stone sullivan suzuki svensson sanders tanaka taylor teixeira thomas thompson thomsen thomson torres tran tucker turner
vargas vasquez vazquez vega verma visser vogel vogt volkov wagner walker wallace walter wang ward warren washington watanabe watkins watson weaver
webb weber weiss wells werner wheeler wilhelm williams williamson willis wilson winkler winter wisniewski wojcik wolf wolff wood woods wright wu
yamamoto yang yilmaz young zhang zhao zielinski ziegler zimmermann demir kaya celik sahin иванов смирнов кузнецов попов васильев петров соколов
михайлов новиков федоров морозов волков алексеев лебедев семенов егоров павлов козлов степанов николаев орлов андреев макаров никитин захаров
иванова смирнова кузнецова попова васильева петрова соколова`;

export const surnames: ReadonlySet<string> = new Set(names.split(/\s+/).filter(Boolean));
