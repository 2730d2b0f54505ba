"""The Spanish words; the rules for them are in `keys.words`.

Drafted without a native reviewer yet.
Words that are rude in one Spanish-speaking country or another are left out.
"""

from __future__ import annotations

from typing import Final

_LIST: Final = """
    abanico acelga acordeón acuario aguacate ajedrez alambre alcachofa alfiler alfombra algodón
    almendra almohada altavoz alubia amapola antílope antorcha arbusto ascensor autobús avellana
    avestruz azafrán azúcar azulejo barandilla berenjena bicicleta bocadillo bodega bolígrafo
    brócoli bronce brújula bufanda burbuja cacerola cactus calabaza calcetín calendario camaleón
    candado cangrejo caracol carretera catarata cebolla césped chaleco champú chimenea chocolate
    ciclista ciprés clarinete clavel cocodrilo colador colibrí columna compás corbata crema cristal
    cuaderno cuchara dedal delantal delfín dentista desierto diamante diario dinosaurio dragón
    dromedario eclipse edificio edredón elefante embudo empanada enchufe ensalada equipaje escalera
    escoba espárrago establo etiqueta eucalipto excursión fábrica faisán farmacia fideo flamenco
    florero frambuesa furgoneta fútbol gabardina garaje garbanzo garganta gasolina gaviota gazpacho
    gelatina gimnasio girasol glaciar golondrina gorrión granero guirnalda habitación hámster
    horizonte hormiga hospital hotel iglesia iglú imprenta insecto invierno islote jabalí jungla
    kimono kiwi laberinto ladrillo lagarto lámpara langosta laurel lavadora lechuga legumbre lenteja
    leopardo libélula linterna locomotora luciérnaga manantial mandarina manguera marfil marinero
    marmota melocotón membrillo mermelada mochila mosaico mostaza mueble murciélago músculo neblina
    octubre oficina ombligo orquesta oxígeno palomita pandereta pantalla pañuelo papagayo paraguas
    pasaporte payaso peine pelícano península perejil perfume persiana pescador piedra pijama
    pingüino pintor pirámide pistacho planeta porcelana primavera princesa pulpo pulsera quiosco
    rastrillo refresco regadera remolacha resorte retrato riachuelo robot rosquilla ruiseñor
    salchicha sartén satélite saxofón semáforo sendero serpiente serrucho servilleta silbato
    sombrero sonrisa sótano taburete tambor teatro teclado teléfono templo tenedor tenis terciopelo
    tiburón tijeras títere tobillo tomate tortuga tractor trapecio trompeta trueno tubería tulipán
    turbante umbral unicornio uniforme vainilla verdura vestido vinagre vitrina volcán yogur yunque
    zafiro zanahoria
"""
WORDS: Final = tuple(_LIST.split())
