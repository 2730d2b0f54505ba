"""The French words; the rules for them are in `keys.words`.

Drafted without a native reviewer yet.
"""

from __future__ import annotations

from typing import Final

_LIST: Final = """
    abricot accordéon agrafe album amandier ampoule ananas anorak araignée ardoise argile arrosoir
    artichaut ascenseur asperge astronome aubergine automne autruche avoine balcon basilic betterave
    bijou biscuit bocal bonbon bottine bougie boulanger boussole bracelet brioche buffet buisson
    cactus cafetière calendrier campagne canoë capuchon caravane casserole castor cerisier
    champignon chariot chaudron cheminée cheval chocolat chouette cigogne cinéma citrouille
    clarinette clown cobra coccinelle cocotier coiffeur colibri comptoir concert confiture
    coquillage costume couloir couronne coussin crapaud crevette crocodile croissant cuisine cuivre
    cymbale dauphin dentiste diamant dindon dinosaure docteur domino dromadaire écureuil édredon
    éléphant émeraude enclume enveloppe épinard éponge escalier étagère étincelle étoile éventail
    façade fanfare fauteuil fenêtre fenouil festival ficelle flocon fougère fourmi framboise fromage
    galerie garage genou géranium girouette gravier groseille guichet hamac hamster hanneton
    hirondelle hôpital horloge igloo iguane immeuble imprimante insecte jaguar jardin jongleur
    jonquille journal jungle kangourou kimono kiosque kiwi klaxon langouste lanterne lavabo légume
    léopard libellule librairie licorne lilas locomotive losange lumière lunettes lustre machine
    magasin magnolia mammouth mandarine marécage mascotte matelas menuisier mimosa minute mitaine
    mosaïque moustache myrtille nageoire nénuphar noisette nuage octobre omelette opéra ouvrier
    oxygène palmier papillon parachute passeport pastèque pêche peinture pélican perroquet persil
    pharmacie piano pieuvre pinceau pingouin pistache placard plombier poney porcelaine portrait
    prune pupitre pyjama ravioli réglisse renard requin rhinocéros rhubarbe rivière robinet romarin
    rossignol sablier safran sapin saxophone scarabée sculpteur semelle serviette sifflet signal
    skieur sorbet sourcil spaghetti statue stylo sucre tabouret télescope théâtre tilleul tiroir
    tortue toucan tourbillon tracteur traîneau triangle trompette tunnel turban uniforme ustensile
    vanille vapeur velours vestiaire vignoble vinaigre violon vitrail voiture wagon yaourt
"""
WORDS: Final = tuple(_LIST.split())
