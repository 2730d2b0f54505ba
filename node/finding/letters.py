"""Tables: letters of each alphabet -> Latin letters, sounds (see `sounds` for the signs).

A row is `letters latin sounds`; `-` is nothing. `^` before the letters: only at the
beginning of a word; `$` after them: only at its end. The longest match counts.
The Latin column is what passports use most (ELOT 743, ICAO 9303, the national systems
of Georgia and Armenia); what other countries write is met by the sounds.
"""

from __future__ import annotations

# Marks are gone, but for a dot before an iota or upsilon that is a vowel of its own.
GREEK = """
α a a|β v v|γ g g|δ d d|ε e e|ζ z z|η i i|θ th T|ι i i|κ k k|λ l l|μ m m|ν n n|ξ x ks
ο o o|π p p|ρ r r|σ s s|ς s s|τ t t|υ y i|φ f f|χ ch h|ψ ps ps|ω o o|· - -
αι ai e|ει ei i|οι oi i|υι yi i|ου ou u|αυ av aU|ευ ev eU|ηυ iv iU
γγ ng ng|γκ gk ng|^γκ gk g|γξ nx nks|γχ nch nh|μπ mp mb|^μπ b b|ντ nt nd|^ντ nt d
τζ tz c|τσ ts c|γε ge 7e|γι gi 7i|γη gi 7i|γυ gy 7i|γει gei 7i|γαι gai 7e|γευ gev 7eU|γοι goi 7i
"""

# Of all languages that use it: a letter with two values has the sign of both.
CYRILLIC = """
а a a|б b b|в v v|г g G|ґ g g|д d d|ђ dj 5|ѓ gj gj|е e e|^е e je|ё yo jE|є ye je|ж zh Z
з z z|ѕ dz z|и i i|і i i|ї yi ji|й i j|ј j j|к k k|ќ kj kj|л l l|љ lj lj|м m m|н n n
њ nj nj|о o o|п p p|р r r|с s s|т t t|ћ c C|у u u|ў u U|ф f f|х kh h|ц ts c|ч ch C
џ dz J|ш sh S|щ shch S#|ъ a Q|ы y i|ь - -|ьо yo jE|ье ie je|ъе ie je|ья ia ja|ью iu ju
э e e|ю yu ju|я ya ja|ѐ e e|ѝ i i|ә a e|ғ g g|қ k k|ң n n|ө o o|ұ u u|ү u u|һ h h
кс x ks|ѣ e e|ѳ f f|ѵ i i|дж j J|дз dz z|ий y i|ый y i|’ - -
"""

GEORGIAN = """
ა a a|ბ b b|გ g g|დ d d|ე e e|ვ v v|ზ z z|თ t t|ი i i|კ k k|ლ l l|მ m m|ნ n n|ო o o
პ p p|ჟ zh Z|რ r r|ს s s|ტ t t|უ u u|ფ p p|ქ k k|ღ gh g|ყ q k|შ sh S|ჩ ch C|ც ts c
ძ dz z|წ ts c|ჭ ch C|ხ kh h|ჯ j J|ჰ h h|ჲ y j|ჳ v v|ჴ q k|ჵ o o|ჶ f f|ჷ e e|ჸ - -
"""

# Eastern values; what Western Armenians say (b for p, d for t) is near in sound.
ARMENIAN = """
ա a a|բ b b|գ g g|դ d d|ե e e|^ե ye je|զ z z|է e e|ը y e|թ t t|ժ zh Z|ի i i|լ l l|խ kh h
ծ ts c|կ k k|հ h h|ձ dz z|ղ gh g|ճ ch C|մ m m|յ y j|ն n n|շ sh S|ո o o|^ո vo o|չ ch C
պ p p|ջ j J|ռ r r|ս s s|վ v v|տ t t|ր r r|ց ts c|ւ v v|ու u u|փ p p|ք k k|օ o o|ֆ f f
և ev eU|եւ ev eU|^և yev jeU|իւ yu ju|ոյ uy uj|^յ h h
"""

# Short vowels are not written; W, Y, A are letters that may be vowels.
ARABIC = """
ا a A|^ا a V|أ a A|^أ a V|إ i A|^إ i V|آ a A|^آ a V|ٱ a V|ء - -|ؤ w W|ئ y Y|ى a A|ۀ h A
ب b b|ت t t|ث th T|ج j X|ح h h|خ kh h|د d d|ذ dh D|ر r r|ز z z|س s s|ش sh S|ص s s
ض d D|ط t t|ظ z D|ع - -|^ع a V|غ gh g|ف f f|ق q K|ك k k|ل l l|م m m|ن n n|ه h h|ه$ h A
ة a 0|و w W|ي y Y|پ p p|چ ch C|ژ zh Z|گ g g|ک k k|ی y Y|ڤ v v|ہ h h|ہ$ h A|ھ h h|ۃ a 0
ے y Y|ۍ y Y|ې y Y|ں n n|ټ t t|ٹ t t|ډ d d|ڈ d d|ړ r r|ڑ r r|ڼ n n|ځ z z|څ c c|ښ sh S
ږ zh Z|ګ g g|ڭ g g|ۆ o W|ێ e Y|ڕ r r|ڵ l l|ە e A|لله lh lA|الله allh VlA
"""

HEBREW = """
א a A|^א a V|ב b B|ג g X|ד d d|ה h h|ה$ a A|ו v W|ז z z|ח h h|ט t t|י y Y|^י y j|כ k H
ך k H|ל l l|מ m m|ם m m|נ n n|ן n n|ס s s|ע a A|^ע a V|פ p F|ף f F|^פ p F|צ ts c|ץ ts c
ק k k|ר r r|ש sh 6|ת t t|וו v v|יי y Y
"""

# Spellings of all languages at once. Letters with a mark that is not listed lose it.
LATIN = """
schtsch SC|shch SC|chtch SC|szcz SC|sjtsj SC|stsch SC|shtsh SC|šč SC|sht S#|št S#
tsch C|tch C|tsh C|tsj C|č C|ć C|ç 3|ċ C|cz 9|cs 9|sch S|sh S|sj S|š S|ş S|ș S|ś S|ŝ S|sz 6
zh Z|zj Z|zs Z|ž Z|ż Z|ź z|dzh J|dsch J|dsh J|dj J|dž J|dż J|dzs J|dzj J|đ 5|ġ J|xh J
ch 1|kh h|gh g|ph f|th T|þ T|dh D|ð D|bh b|ts c|tz c|ț %|ţ %|dz z|dse$ ze|ck k
cki$ cki|cka$ cka|cky$ cki|ckij$ cki|ckaja$ ckaja|ckaya$ ckaja|cqu k|qu k|q k
ou u|oo u|ee i|aw aU|ic$ i9|ić$ iC|ñ nj|^mp b|^nt d|^gk g|gk ng|ij$ i|iy$ i|yy$ i
ä e|æ e|œ o|ö o|ø o|ő o|ü u|ű u|å o|ı i|ə e|ą aN|ę eN|ł l|ħ h|ğ g|ŋ n|ß s
a a|b b|d d|e e|f f|h h|i i|k k|l l|m m|n n|o o|p p|r r|s s|t t|v v|w v|z z
ce 3e|ci 3i|cy 3i|cä 3e|cö 3o|cü 3u|c 4|ge 7e|gi 7i|gy 7i|gge N7e|ggi N7i|g g|x 8~
ja 2a|je 2e|ji 2i|jo 2o|ju 2u|jö 2o|jü 2u|jä 2e|j j|ya ja|ye je|yi ji|yo jo|yu ju|you ju
y i|au aU|eu eU|u u|jou 2u|yü ju|yö jo|jee 2i|joo 2u|yoo ju|gee 7i|cee 3i
"""
