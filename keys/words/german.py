"""The German words; the rules for them are in `keys.words`.

Drafted without a native reviewer yet.
Nouns stand in lower case as in the other lists: they are read aloud, and one rule for all
lists is easier to check. Spelling is that of Germany, with ß.
"""

from __future__ import annotations

from typing import Final

_LIST: Final = """
    akkordeon album alpaka alphabet ameise ananas anorak antenne apotheke aprikose aquarium armband
    arzt astronaut atlas aubergine autobahn avocado backofen badewanne bahnhof banane basilikum
    batterie bauernhof blaubeere bleistift brezel brokkoli brombeere champignon clown computer couch
    daumen delfin diamant distel donner dromedar dschungel echo eidechse einhorn eisenbahn elefant
    erdnuss espresso fabrik felsen fenchel fernseher flamingo flasche fledermaus flieder flugzeug
    forelle frühling fuchs fußball garderobe gebirge geldbeutel gewitter gewürz gießkanne gitarre
    gletscher handschuh haselnuss haustür heizung helm herbst himbeere hirsch honig horizont
    hyazinthe iglu ingwer insekt instrument jaguar jeans joghurt jongleur juwel kaktus kalender
    kamera känguru kapitän kartoffel karussell kastanie kaugummi kiosk kissen klarinette klavier
    klebstoff klingel kloster knoblauch knopf kobold kokosnuss kolibri kompass konzert kostüm kragen
    kranich krawatte krokodil kuckuck kürbis kutsche labor lagune landkarte lastwagen laterne
    lavendel leopard leuchtturm limonade lineal lokomotive lorbeer magnet makrele mandarine märchen
    marmelade maschine matratze maulwurf medaille melone milch minute mosaik motor murmeltier museum
    nachtigall nashorn nilpferd nougat november olive omelett orange orchidee ozean papagei parfüm
    pelikan petersilie pfeffer pferd pfirsich pflaster pilot pinguin planet plätzchen porzellan
    posaune prinz prisma professor propeller pudding pullover pumpe pyramide quarz radieschen
    rathaus regenbogen restaurant rettich rhabarber roboter rollschuh rosine rosmarin rucksack
    salami sandale sardine satellit saxofon schere schinken schlitten schmied schnabel schrank
    schwamm seehund sellerie sirup sofa spaghetti spargel specht spinat spirale stadion statue stirn
    storch strudel tapete tastatur taxi teleskop tempel terrasse thunfisch thymian tischler toast
    tomate traktor trichter tropfen truthahn turnschuh uniform urkunde urlaub vanille ventil veranda
    vorhang vulkan wachtel walzer waschbär werkstatt wespe wurzel zauberer zebra zeiger zimt zirkus
    zitrone zunge zwiebel
"""
WORDS: Final = tuple(_LIST.split())
