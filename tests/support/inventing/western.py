"""Names of invented people in Latin and Arabic letters; see `lexicon` for what they are.

Arabic names stand with the Latin spellings that different countries give them.
"""

from __future__ import annotations

from tests.support.inventing.lexicon import Language, pairs, words


def _rows(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = (line.split() for line in text.strip().splitlines())
    return tuple((row[0], tuple(row[1:])) for row in rows)


ARABIC_MEN = _rows("""
محمد Mohammed Muhammad Mohamed Mohammad
أحمد Ahmed Ahmad Achmed
محمود Mahmoud Mahmud Mahmood
مصطفى Mustafa Mostafa Moustapha
علي Ali Aly
حسن Hassan Hasan
حسين Hussein Husain Houssein
عمر Omar Umar
عثمان Othman Osman Uthman
إبراهيم Ibrahim Brahim Ebrahim
إسماعيل Ismail Ismael Smail
يوسف Youssef Yusuf Yousef
موسى Moussa Musa
يحيى Yahya Yehia
سليمان Suleiman Soliman Sleiman
خالد Khaled Khalid
خليل Khalil Khaleel
وليد Walid Waleed Oualid
طارق Tarek Tariq Tarik
زياد Ziad Ziyad
هشام Hisham Hicham
جمال Jamal Gamal Djamel
جعفر Jaafar Jafar Gaafar
كريم Karim Kareem
رشيد Rashid Rachid Rasheed
سمير Samir Sameer
سعيد Said Saeed
أسامة Osama Usama Oussama
أيمن Ayman Aymen
بلال Bilal Belal
بشير Bashir Bachir
حميد Hamid Hameed
حمزة Hamza Hamzah
فيصل Faisal Faysal
قاسم Qasim Kassem Qassem
نبيل Nabil Nabeel
ياسر Yasser Yasir
عبدالله Abdullah Abdallah
عبدالرحمن Abdulrahman Abdelrahman Abderrahmane
عبدالعزيز Abdulaziz Abdelaziz
""")
ARABIC_WOMEN = _rows("""
فاطمة Fatima Fatma Fatimah
عائشة Aisha Aicha Aysha
خديجة Khadija Khadidja
مريم Mariam Maryam Meriem
زينب Zainab Zeinab Zineb
ليلى Layla Leila Laila
سميرة Samira Sameera
جميلة Jamila Djamila Gamila
نور Nour Noor Nur
سارة Sara Sarah
هدى Huda Hoda Houda
هبة Hiba Heba
رانيا Rania Raniya
شيماء Shaimaa Chaima
سلمى Salma Selma
ياسمين Yasmin Yasmine
أمينة Amina Ameena
نجوى Najwa Nagwa
لطيفة Latifa Lateefa
صفية Safiya Safia
حليمة Halima Haleema
كريمة Karima Kareema
منى Mona Muna
إيمان Iman Eman
""")
ARABIC_FAMILIES = _rows("""
الحسن Al-Hassan Alhassan El-Hassan
المصري Al-Masri El-Masry Almasri
الخطيب Al-Khatib El-Khateeb Alkhatib
الشامي Al-Shami El-Chami Alshami
الحلبي Al-Halabi El-Halabi Alhalabi
النجار Al-Najjar El-Naggar Alnajjar
القاضي Al-Qadi El-Kadi Alqadi
الصباغ Al-Sabbagh El-Sabagh Alsabbagh
الدباغ Al-Dabbagh Addabbagh Aldabagh
بغدادي Baghdadi Bagdadi
حداد Haddad Hadad
درويش Darwish Darwich
منصور Mansour Mansur
شاهين Shahin Chahine
زيدان Zidan Zeidan
خوري Khoury Khouri
بركات Barakat Baracat
جبران Jubran Gibran Joubran
قباني Qabbani Kabbani
ناصيف Nassif Nasif
سلامة Salama Salameh
عيتاني Itani Aitani
طرابلسي Trabelsi Tarabulsi
بوعزيزي Bouazizi Buazizi
شرقاوي Sharqawi Cherkaoui
مرابط Mrabet Mourabit
غنيم Ghoneim Ghunaim
رمضان Ramadan Ramadhan
صليبا Saliba Saleeba
عزام Azzam Azam
""")
ARABIC_NEAR = pairs(
    "حسن/حسين محمد/محمود أحمد/محمود كريم/رشيد سمير/بشير علي/عمر خالد/خليل وليد/بلال "
    "فاطمة/سلمى ليلى/سلمى حليمة/كريمة مريم/نور هدى/هبة نجوى/سلمى موسى/يوسف ياسر/ياسمين "
    "جميلة/جمال سميرة/سمير كريم/كريمة أمينة/أيمن حميد/حمزة طارق/زياد"
)

SPANISH = Language(
    code="es",
    men=words(
        "José Jesús Andrés Martín Iván Ramón Ángel Álvaro Adrián Joaquín Sebastián Julián Óscar "
        "Rubén Víctor Héctor Raúl Germán Simón Benjamín Nicolás Tomás"
    ),
    women=words(
        "María Lucía Sofía Inés Mónica Verónica Ángela Bárbara Belén Begoña Noemí Asunción "
        "Concepción Encarnación Rocío Úrsula Leonor Catalina Ximena Beatriz"
    ),
    surnames=words(
        "García Martínez López Sánchez Pérez Gómez Fernández Jiménez Díaz Muñoz Álvarez Gutiérrez "
        "Núñez Peña Ibáñez Cárdenas Ordóñez Zúñiga Villaseñor Bolaños Echeverría Urrutia Cebrián "
        "Galíndez Marín Rincón Patiño Quiñones Saldaña Treviño"
    ),
    short=pairs("José/Pepe Jesús/Chus Concepción/Concha Encarnación/Encarni"),
    near=pairs("Martín/Joaquín Julián/Adrián Ángel/Ángela Lucía/Sofía Raúl/Rubén"),
)
POLISH = Language(
    code="pl",
    men=words(
        "Łukasz Paweł Michał Wojciech Krzysztof Grzegorz Rafał Stanisław Zbigniew Sławomir "
        "Bartłomiej Przemysław Jędrzej Mieczysław Andrzej Tadeusz"
    ),
    women=words(
        "Małgorzata Katarzyna Agnieszka Elżbieta Grażyna Bożena Jadwiga Wiesława Joanna Zofia "
        "Aleksandra Danuta Iwona Beata Władysława"
    ),
    roots=words(
        "Kowal Wiśniew Dąbrow Lewandow Wójcic Kamiń Zieliń Szymań Woźniac Kozłow Jankow Mazur "
        "Krawczyń Piotrow Grabow Nowakow Pawłow Michal Zając Król Wierzbic Jabłoń Majew Ostrow "
        "Żurow Ścibor Ćwikliń Głowac"
    ),
    endings=("ski",),
    short=pairs(
        "Małgorzata/Gosia Katarzyna/Kasia Agnieszka/Aga Joanna/Asia Krzysztof/Krzysiek Zofia/Zosia"
    ),
    near=pairs("Paweł/Rafał Stanisław/Sławomir Bożena/Beata Joanna/Iwona Michał/Mieczysław"),
)
CZECH = Language(
    code="cs",
    men=words(
        "Jiří Tomáš Lukáš Ondřej Štěpán Václav Zdeněk Bořivoj Řehoř Matěj Vojtěch František "
        "Miloš Aleš Luboš"
    ),
    women=words(
        "Kateřina Lucie Markéta Růžena Božena Žaneta Zdeňka Šárka Vendula Anežka Ludmila Věra "
        "Eliška Jiřina"
    ),
    surnames=words(
        "Novák Dvořák Procházka Kučera Horák Němec Pokorný Růžička Beneš Fiala Sedláček Doležal "
        "Kolář Čermák Říha Šimek Vaněk Žák Kříž Hájek Zahradník Špaček Vondráček Kadlec Hruška "
        "Jelínek"
    ),
    near=pairs("Tomáš/Lukáš Aleš/Miloš Božena/Růžena Jiří/Jiřina Zdeněk/Zdeňka"),
)
TURKISH = Language(
    code="tr",
    men=words("Mehmet Hüseyin Ömer Gökhan Oğuz Çağlar Şükrü Yiğit İbrahim Süleyman Uğur Barış"),
    women=words("Ayşe Gülşen Özlem Şule Tuğba Çiğdem Büşra Nurgül Zübeyde Işıl Hülya Gökçe"),
    surnames=words(
        "Yılmaz Şahin Öztürk Çelik Doğan Kılıç Aydın Güneş Koç Çetin Özdemir Arslanoğlu "
        "Kuyumcuoğlu Demircioğlu Yıldırım Başaran Işık Güngör Eroğlu Taşkın"
    ),
    near=pairs("Özlem/Gülşen Barış/Yiğit Uğur/Oğuz Büşra/Tuğba"),
)
ROMANIAN = Language(
    code="ro",
    men=words("Ștefan Ionuț Cătălin Mihăiță Răzvan Florin Dragoș Costică Gheorghe Călin"),
    women=words("Ștefania Mădălina Cătălina Ruxandra Smărăndița Lăcrămioara Ioana Anca"),
    surnames=words(
        "Țepeș Brâncuși Mureșanu Lăzărescu Bărbulescu Șerbănescu Crețu Stănescu Țuțea Hașdeu "
        "Rădulescu Ghiță Păun Câmpeanu Moțoc Vădeanu"
    ),
    near=pairs("Cătălin/Călin Ștefan/Ștefania Cătălina/Mădălina Florin/Răzvan"),
)
GERMANIC = Language(
    code="de",
    men=words("Jürgen Günther Jörg Björn Sören Götz Matthias Stephan Christoph Rüdiger"),
    women=words("Käthe Bärbel Jördis Gönül Annegret Elisabeth Katharina Brünhild"),
    surnames=words(
        "Müller Schröder Krämer Jäger Köhler Böhm Grünwald Schäfer Weiß Großmann Höfer Lüders "
        "Straßburger Bäumler Döring Kühn Möller Rößler van~den~Berg van~der~Meer de~Vries "
        "von~Bülow zu~Guten"
    ),
    near=pairs("Jürgen/Jörg Käthe/Bärbel Björn/Sören"),
)
FRENCH = Language(
    code="fr",
    men=words("François Jérôme Hélier Rémi Frédéric Aurélien Gaël Noël Cédric Loïc"),
    women=words("Hélène Zoé Éloïse Chloé Thérèse Geneviève Françoise Agnès Océane Maëlle"),
    surnames=words(
        "Lefèvre Béranger Château Légaré Prévost Dubé Mercœur Guéret Lévêque Tréville d'Aubigné "
        "l'Hermite Roché Béchard Noëllet Crépin"
    ),
    near=pairs("François/Françoise Chloé/Zoé Gaël/Noël"),
)
LITHUANIAN = Language(
    code="lt",
    men=words("Jonas Vytautas Kęstutis Žygimantas Šarūnas Mindaugas Ąžuolas Tomas"),
    women=words("Rūta Živilė Eglė Jūratė Gintarė Šarūnė Ugnė Daiva"),
    surnames=words(
        "Kazlauskas Petrauskas Stankevičius Žukauskas Butkus Urbonas Paulauskas Žilinskas "
        "Gudaitis Navickas Šimkus Rimkus"
    ),
    near=pairs("Šarūnas/Šarūnė Jonas/Tomas Eglė/Ugnė"),
)
LATIN_LANGUAGES = (
    SPANISH, POLISH, CZECH, TURKISH, ROMANIAN, GERMANIC, FRENCH, LITHUANIAN,
)  # fmt: skip
