"""Names of western and central Europe that `shared` does not have."""

ENGLISH = """
Aidan Aiden
Albert Alberto Albrecht / Bert Al Bertie
Alan Allan Allen / Al
Amy Aimee
Arthur / Art Artie
Ashley / Ash
Bernard Bernhard Bernardo / Bernie Bernd
Brian Bryan
Bridget Brigitte Brigitta Birgit / Biddy Gitte
Caroline Karoline Carolina Karolina Carolyn / Carrie Lina Karo Caro
Cameron / Cam
Charles Karl Carlos Carlo Karel Karol Κάρολος Karoly Charles / Charlie Chuck Litos Kalle
Charlotte Carlotta Szarlota Karlota / Lotte Charlie Lottie Lot
Chloe Χλόη
Clare Clara Klara Chiara Claire / Clairy
Connor Conor
Deborah Debora / Debbie Deb
Diana Diane / Di
Donald / Don Donnie
Dorothy / Dot Dottie
Douglas / Doug
Dylan
Eleanor Eleonora Ελεονώρα Eleonore Leonor / Nell Ella Ellie Nora Nelly
Ella
Emma Ema Эмма
Erin
Ernest Ernst Ernesto / Ernie
Ethan
Evelyn Evelien Evelin / Evie
Fiona
Florence Florentina / Flo Flora
Frederick Friedrich Frederik Federico Fryderyk Фридрих Frédéric / Fred Fritz Freddy Rik Frits
Gerald / Gerry Jerry
Gerard Gerhard Gerardo Gérard / Gerd Gerrit
Gillian / Gill Jill
Grace Grazia Graça / Gracie
Graham
Harold Harald / Harry Hal
Harriet Henrietta Henriette / Hattie Jet
Harry
Heather
Henry Heinrich Henri Hendrik Enrique Enrico Henryk Henrique Генрих Jindřich Henrik / Harry Hank
    Heinz Rik Henk Hal Quique Henning
Hope
Hugh Hugo Ugo / Huw
Jack / Jackie Jake
James / Jim Jimmy Jamie
Jane Jayne / Janie Jenny Janet
Jasmine
Jennifer / Jen Jenny Jenna
Jessica / Jess Jessie
John / Johnny Jack Jon Johnnie
Jonathan Ionathan יונתן Jonatan / Jon Jonny
Jordan
Joshua Jozua יהושע Yehoshua / Josh
Judith Judita Edit Judit Юдит / Judy Jutka Jodie
Karen
Kenneth / Ken Kenny
Kevin
Kimberly / Kim
Kyle
Lauren / Laurie
Leslie / Les
Liam
Linda
Lily
Logan
Mabel
Megan / Meg
Melanie Melania Μελανία Мелания / Mel Melly
Melissa / Mel Lissa
Mia
Nathan Natan נתן / Nat Nate
Nathaniel Nathanael נתנאל / Nat Nate
Neil Niall
Noah Noe Ноа נח Νώε
Oliver Olivier Oliviero Оливър Оливер / Ollie
Olivia Оливия Ολίβια / Liv Livia
Oscar Oskar Оскар
Owen Eoin
Pamela / Pam
Patricia Patrycja Патриция / Pat Tricia Patty Trish
Patrick Patrik Patrizio Patryk Патрик / Paddy Pat
Penny
Priscilla / Cilla
Rachel Raquel Rahel Рахиль רחל Ραχήλ Rachele / Rae Shelly
Ralph Ralf
Raymond Raimund Raimondo Ramón / Ray Mundo
Richard Ricardo Riccardo Ryszard Ричард Rihard / Rick Dick Richie Rich Rico
Robert Roberto Ruprecht Роберт / Bob Rob Bobby Robbie Bert
Roger Rogelio Rüdiger Ruggero
Ronald / Ron Ronnie
Ross
Ruby
Russell / Russ
Ruth Рут רות
Ryan
Scott
Sean Shaun Shawn
Shannon
Sheila
Sidney / Sid
Silas
Stuart Stewart / Stu
Terence / Terry
Theresa Teresa Therese Tereza Тереза Θηρεσία Teréz / Terry Tess Resi Tracy
Tyler
Valerie
Vanessa / Nessa
Virginia / Ginny
Walter Walther Gualtiero / Wally Walt Wouter
Wendy
William Wilhelm Willem Guillermo Guglielmo Guillaume Wilhelmus Guilherme Vilém Vilmos Вильгельм
    / Bill Will Billy Willy Wim Liam Willi Memo
Zoe
"""

GERMANIC = """
Adolf
Agnes Agnieszka Inés Agnese Ágnes Агнес Agnès / Neža Nes Agi Aga
Anouk
Anneliese / Liesel Anne
Annemarie Annamaria
Arnold Arnaud Arnoldo / Arno Nol
Astrid
August Augustus Augusto / Guus Gus
Axel
Bart Bartholomew Bartholomäus Bartłomiej Βαρθολομαίος Bartolomeo Bartolomé Вартоломей / Bartek
    Barto Bart
Beate
Beatrice Beatrix Beatriz Beatrijs Беатриса Βεατρίκη / Bea Trixie
Björn Bjorn
Bram
Cornelis Cornelius Kornel Corneliu / Kees Cor Niels
Cornelia Kornelia / Cora Nel Corrie
Daan
Dieter Dietrich Diederik Thierry / Dirk Didi
Elke
Emiel
Erika Erica
Ewout
Femke
Floris Florian Florent
Frauke
Freya
Frieda Frida
Geert
Gertrude Gertrud / Trude Trudy
Gisela Gisèle Giselle
Günther Gunter
Gustav Gustavo Gustave / Gus
Hans Johannes Johann Jan Johan Johannus / Hansi Hannes Jo Jannes Joop Jens Han
Heike
Heidi Adelheid Adelaide / Heidi Heidy Alida
Helga Hella
Helmut
Herbert Heriberto
Horst
Ilse
Ingrid / Inge
Inge
Isabella Isabelle Изабелла Izabela Ισαβέλλα Izabella / Bella Isa Belle Iza
Jasper Kaspar Gaspar Casper Caspar Kacper
Jeroen Hieronymus Jerome Jerónimo Girolamo Hieronim
Jonas Jonah
Jörg Jorg
Jürgen Jurgen
Joke
Kai
Katja
Klara
Konrad Conrad Corrado / Kurt Koen
Koenraad / Koen
Kurt
Lars
Lasse
Leonie
Lieke
Lieselotte / Lilo
Lotte
Luuk
Manfred / Manni
Marleen Marlene / Leen
Mathilde Matilda Ματθίλδη / Tilda Thilde Tilly
Maurits Moritz Maurice Mauricio Maurizio Маврикий / Mo
Max Maximilian Maximiliano Massimo / Maxi Maks
Michiel
Monika Monique Monica Моника / Moni
Nele
Niels Nils
Noor
Norbert
Otto
Renate Renata Рената
Rolf
Rosalinde Rosalind
Ruben
Rudolf Rodolfo Rudolph Рудольф / Rudi Rolf
Sabine
Saskia
Siegfried Zygfryd / Siggi
Sigrid / Siri
Silke
Simone Simona Симона
Sofie
Sven Svend
Svenja
Theo
Thijs
Tim
Tobias Τωβίας Tobiasz / Tobi Toby
Torsten Thorsten
Ulrich Ulrik / Uli
Ulrike Ulrika / Ulli Rike
Ursula Orsolya Ursule Урсула Úrsula / Uschi Ulla Orsi
Uwe
Veronika Βερονίκη
Werner
Wilhelmina Wilma Guillermina / Mina Willy Minna
Wolfgang / Wolf
Yannick
Yvonne Ивона Iwona Υβόννη / Yvo
"""

ROMANCE = """
Adrián Adrian Adriano Adrien Adriaan Hadrian Адриан Αδριανός / Adri Ari
Adriana Adrienne Адриана Ανδριανή / Adri
Agustín Augustin Agostino Augustyn / Tino Agus
Aitor
Alba
Alfonso Alphonse Afonso / Fonsi
Alonso
Álvaro
Amparo
Anabel
Armando Armand Hermann / Mando
Aurora Aurore
Aurelia Aurélie Αυρηλία / Lia
Aurel Aurelio Aurelius
Bianca Blanca Blanche
Bruno
Carmen / Menchu Carmela
Celia
Clément Clemente Klemens Clemens Κλήμης Климент / Клим
Chantal
Claude Claudio Klaudiusz Claudiu Κλαύδιος
Concepción / Concha Conchita
Consuelo / Chelo
Corina Corinne Corinna
Cosmin
Cristian
Damian Damien Damiano Damián Δαμιανός Дамян / Dami
Denisa Denise
Diego
Dolores / Lola
Doina
Edith
Emilio
Esperanza
Esther Ester Эстер אסתר Εσθήρ Eszter / Essie Etti Стера
Fabian Fabien Fabio Fabián Fabrice Фабиан
Fabienne Fabiana Fabiola
Fátima
Fernando Ferdinand Fernand Hernando / Nando Ferdi
Florin Florián Florentin
Florina Florence Florentina
Francisca Francesca Franziska Françoise Franciszka Φραγκίσκα Frančiška / Paqui Fran Franzi Sissy
    Cesca Franka
Gheorghita
Gianluca
Ginevra Geneviève Genoveva Γενοβέφα
Gonzalo
Graciela
Guadalupe / Lupe
Horia
Ileana
Iker
Ignacio
Inmaculada / Inma
Ion Ioan Jean Juan João Giovanni / Ionel Juanito Jeannot Juanjo Nelu Gianni Ionuț Nino Vanni Jeanot
Javier Xavier Saverio Xaver / Javi Xavi
Joana
Jorge
Julio Julius Jules Giulio Juliusz Iuliu Ιούλιος Юлий / Julito Jul
Lautaro
Leandro Λέανδρος
Leticia Letizia Laetitia
Lorena
Luana
Lourdes
Marcel Marcello Marcelo / Celo
Marcela Marcella Marcelle
Mariella
Mercedes / Merche
Mihnea
Mircea
Montserrat / Montse
Nerea
Nuria
Octavian Octavio Ottavio
Octavia Ottavia
Oana
Pilar / Pili
Quentin Quintin
Radu
Raúl Raoul Raul
Remedios
Renaud Reinaldo Rinaldo Reinhold
René Renato
Rocío
Rodrigo / Rodri
Sabrina
Salvador Salvatore / Salva Totò Turi
Santiago / Santi
Sergiu
Silviu Silvio Silvan Силвио Sylvain
Soledad / Sole
Sorin
Sorina
Thibault Tibo
Tiago
Valentino
Vasile
Viorel
Viorica
Vlad
Yolanda Jolanda Jolanta Γιολάντα Иоланта / Yoli Jola
Yves
Zenón
"""

CENTRAL = """
Adela Adéla Adele Adelina Адель / Ada
Ágoston
Agron
Aleš
Albin
Alena Alenka
Alojz Alois Aloys Alojzy Aloysius
Anđelka
Arben
Arta
Attila
Balázs Blaise Błażej Blažej
Beata
Béla
Besnik
Blerim
Blerta
Bogusław Bohuslav / Bogus
Bolesław Boleslav / Bolek
Bożena Božena
Bujar
Csaba
Czesław Česlav
Dagmar / Dáša
Dorina
Drita
Edyta
Enikő
Ewelina
Fatmir
Fatos
Filip
Flamur
Gábor
Gezim
Géza
Grażyna
Halina
Hana
Hynek
Ildikó / Ildi
Imre Emerich Emeryk
Ivona
Jacek Hyacinth Jacinto
Jarmila
Jaroslav Jarosław
Jindřiška
Jitka
Jiřina
Kamil
Kinga
Kvido
Ladislav László Ladislaus / Laci Laco
Lenka
Leszek Lech
Levente
Libor
Libuše
Ludmila
Luljeta
Maciej / Maciek
Marzena
Mieczysław / Mietek
Milada
Mirela
Mirosław
Nóra
Oldřich
Otakar Ottokar
Pavlína
Péter
Piroska
Przemysław Přemysl / Przemek
Radek
Radim
Réka
Rostislav
Růžena
Shpëtim Shpetim
Sławomir Slavomír / Sławek
Soňa
Szilárd
Szilvia
Tímea
Tomislav / Tomo
Tünde
Vendula
Veronika
Viera
Vít Veit Vitus Wit
Vladimíra
Vlasta
Vojtěch Wojciech Adalbert / Wojtek Vojta
Waldemar / Waldek
Wanda
Wiesław / Wiesiek
Zbigniew Zbyněk / Zbyszek
Zdeněk Zdenko
Zdzisław Zdislav / Zdzisiek
Zoltán Zoltan / Zoli
Zuzana
Žaneta Janet Żaneta Жанетта
Žofia
"""
