"""The English words; the rules for them are in `keys.words`."""

from __future__ import annotations

from typing import Final

_LIST: Final = """
    acorn admiral airport album almond alphabet amber anchor animal ankle antenna apron artist
    atlas autumn avenue badge balcony bamboo banana banjo barrel basket beaver bicycle biscuit
    blossom bonfire bottle bracelet brick broom bubble buffalo butter cabin cactus camel canoe
    carpet castle cello cherry cinema circle cloud clover coffee compass copper coral cotton
    cradle cricket crystal cushion cyclist daisy dancer dentist desert diamond doctor dolphin
    donkey dragon drawer drummer eagle earring echo eclipse elephant eleven emerald engine
    envelope evening fabric farmer feather fence festival fiddle finger fisherman flag flamingo
    football forest fountain fruit galaxy garden garlic gazelle giraffe glacier goat gorilla
    granite grape guitar harbour harvest hazelnut helmet holiday horizon hospital hotel iceberg
    igloo insect island ivory jaguar jewel jigsaw journey jungle juniper kangaroo kennel
    keyboard kitchen kite koala ladder lagoon lantern lavender lemon leopard library lizard
    lobster lunch magnet mailbox marble meadow mermaid mirror mosaic muffin museum mustard
    napkin necklace needle nest nutmeg oasis ocean olive onion opera orange orchard ostrich owl
    oxygen palace pancake panther parrot passport peach peanut pelican pencil penguin piano
    picnic pilot plumber pocket pony potato prince pumpkin puzzle pyramid quarter queen quilt
    rabbit raccoon radio railway rainbow raisin raspberry ribbon river ruby sailor salad
    sandwich scarf school scissors seagull shampoo shelf shepherd shoulder snow soccer sofa
    spider spinach squirrel stable station stone sugar swan sweater teapot telescope temple
    tennis theatre thunder tissue tower tractor tree triangle trumpet tulip turkey turtle twelve
    umbrella uniform valley vanilla village vinegar violin volcano vulture waffle waiter walnut
    wedding whale wheel whisper willow woodland yogurt zebra
"""
WORDS: Final = tuple(_LIST.split())
