"""The Dutch words; the rules for them are in `keys.words`.

Drafted without a native reviewer yet.
"""

from __future__ import annotations

from typing import Final

_LIST: Final = """
    aardbei abrikoos adelaar agenda amandel ananas ansjovis antenne aquarium asperge aubergine
    augurk avocado badkamer badpak balkon barbecue barometer basilicum bieslook bikini biscuit
    bladzijde bliksem bloemkool blouse boekenkast boerderij bolhoed boomgaard borstel bosbes
    bouillon broccoli brommer brug bruiloft bushalte buurman cadeau camera camping caravan
    champignon chocolade circus citroen computer concert container courgette croissant dahlia dakpan
    diamant dienblad dinosaurus dokter dolfijn domino donut dromedaris drumstel duikboot eekhoorn
    elastiek elleboog envelop espresso familie fanfare fauteuil fazant festival fietspomp flamingo
    framboos gebergte gember giraffe gletsjer gordijn goudvis groente gymzaal hagedis hamster
    handdoek hangmat harnas havik hazelnoot helikopter hoefijzer honing hooiberg horizon horloge
    houthakker huiskamer inktvis insect instrument jaguar jampot jeans jongleur judo juweel kabouter
    kalender kangoeroe kapstok kastanje katoen kauwgom kermis ketting keuken klarinet klaver
    klokhuis knoflook knoop koala koekoek koelkast kokosnoot kolibrie komkommer kompas korenbloem
    kostuum kraanvogel kreeft krokodil kruiwagen kwartet lagune landkaart lantaarn laptop lasagne
    laurier lavendel limonade liniaal locomotief luchtbel luiaard makreel mandarijn mango matroos
    medaille microfoon mixer museum muziek naald nachtegaal nestkast neushoorn nijlpaard nijptang
    ochtend olifant olijf omelet orkest overhemd pannenkoek pantoffel papegaai paprika parachute
    parfum parkiet pedaal pelikaan perron peterselie picknick piramide ploeg pompoen porselein
    postzegel potlood prinses pyjama rabarber regenboog rendier restaurant ringslang rivier robot
    rolstoel rotonde rugzak saffraan salade sardine saxofoon schelp schilderij schorpioen schroef
    servet sleutel smaragd sneeuw spaghetti spiegel spijker spinazie sprinkhaan stadion standbeeld
    stempel stofzuiger stropdas struik tandarts tapijt tarwe telefoon toerist tractor trechter
    trompet truffel tulband uniform uurwerk venster veranda viool vleermuis vlinder voetbal
    vuurtoren wandeling waterval weide woestijn yoghurt zebra zeehond zeilboot zolder zonnebloem
    zuurkool zwaluw zwembad
"""
WORDS: Final = tuple(_LIST.split())
