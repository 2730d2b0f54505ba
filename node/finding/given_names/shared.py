"""Names that many languages share, where documents of one person use several forms."""

SHARED = """
Alexander Aleksandr Александър Олександр Аляксандр Αλέξανδρος Alexandre Aleksander
    Alexandru Alessandro
    Alejandro Aleksandre ალექსანდრე Ալեքսանդր / Саша Шура Шурик Саня Санёк Алекс Αλέκος Αλέξης
    Sandro Sander Sascha Sacha Sándor Сашко Сашо Ацо Aca Лесь Сандро Lex Xander Iskander
Alexandra Олександра Αλεξάνδρα Aleksandra Alessandra Alejandra / Саша Шура Саня Сандра Сашка
    Αλέκα Олеся Леся Алеся Sascha Sacha Sandra Alex
Alexey Алексей Олексій Аляксей Αλέξιος Alexius Alexi / Лёша Алёша Льоша Лёха Алекс Alexis Αλέξης
Alexia Αλεξία Алексия / Alex Lexi
Andrew Андрей Андрій Андрэй Ανδρέας Andreas Andrzej Andrej András Andrea Andre Andres Anders
    Ανδρίκος Andro ანდრია ანდრო Անդրեաս / Андрюша Андрюха Дрон Andy Drew Bandi Ανδρίκος Андріко
    Андро
Andrea Андреа Андрия / Андрейка
Anna Ганна Άννα Hanna Hannah Anne Ana Ганка Анна ანა ანნა Աննա آنا / Аня Анечка Нюша Нюра Анюта
    Ася Аннушка Ганя Ганнуся Анка Анче Anni Annie Anouk Annika Anita Анета Αννούλα Ани Anka Ania
    Asia Nusia
Anastasia Анастасия Анастасія Αναστασία Anastazja Anastasiya ანასტასია / Настя Настасья Ася
    Стася Анастасійка Τασία Τασούλα Σία Натя Stasia Nastia Ана Тася
Antony Антон Антін Αντώνιος Αντώνης Antonius Anton Antonio Antoine Antoni Antal Антоний Anthony
    Antun Ante / Тоша Антоша Tony Toni Toon Ton Тони Αντωνάκης Nino Anto
Antonia Антонина Антоніна Αντωνία Antonina Antoinette Antonella / Тоня Тося Toni Тоніка Τόνια
    Ντόνια Nina Antonka
Artem Артём Артем Артемий Арцём Αρτέμιος / Тёма Артёмка Тьома Арт
Barbara Варвара Βαρβάρα Barbora Barbara / Варя Варюша Basia Barbi Babs Варка
Basil Василий Василь Васіль Βασίλειος Βασίλης Vasile Vasil Vassily Wasyl Bazyli Vasilios / Вася
    Васько Βάσος Βάσιας Васко Vasko Vasilica Василько Basile
Vasiliki Βασιλική Василиса Vasilisa / Βάσω Βίκυ Βασούλα Кики Κική Vaso Vicky
Benjamin Вениамин Веніамін Βενιαμίν Beniamin Binyamin בנימין Bunyamin / Веня Ben Benny Benji
Catherine Екатерина Катерина Кацярына Αικατερίνη Κατερίνα Katharina Caterina Catalina Katarzyna
    Kateřina Katalin Ecaterina Katarina Ekaterine ეკატერინე კატერინა Catarina Kathryn Katrin
    Kathrin / Катя Катюша Катруся Катька Κατίνα Καίτη Κατερινιώ Kate Kathy Cathy Katie Kasia
    Kati Káťa Kata Kaat Trina Кате Катка Катче Eka ეკა კეკე კატო Keti ქეთი Kato Rina Ina Karin
Christos Χρήστος Христо Hristo Christo Hristos / Χρηστάκης Ицо Ицо Itso Hriso
Christina Кристина Христина Крыстина Χριστίνα Kristina Cristina Krystyna Kristine Christine
    Christiane ქრისტინე / Кристи Христя Chris Tina Τίνα Kiki Kirsten Krisi Kris Stina Krysia
Christian Кристиян Крістіан Christiaan Cristian Krystian Kristian / Chris Kris
Christopher Χριστόφορος Христофор Christoph Christophe Cristóbal Krzysztof Kristof Cristoforo
    Kryštof Kristofer / Chris Kris Krzysiek Topher Φόρης
Constantine Константин Костянтин Канстанцін Κωνσταντίνος Konstantin Konstantinos Constantin
    Konstanty Κωσταντίνος კონსტანტინე Kostadin Костадин / Костя Кость Κώστας Κωστής Ντίνος
    Κωστάκης Dinos Costa Costel Коста Динко Kosta Costin Kote კოტე
Constantina Κωνσταντίνα Константина Konstantina Kostadinka Костадинка / Ντίνα Νάντια Κωστούλα
    Ντίνα Константа Dina Tina
Daniel Даниил Данило Даніл Δανιήλ Данијел Daniel Danil Danilo Даниел דניאל دانيال Daniele დანიელ
    Daniyal / Даня Данила Данилка Danny Dan Danko Dani Данчо
Daniela Даниэла Даніела Δανιέλα Danielle Данијела Даниела / Dani Danka Дана Dana
Daria Дарья Дарія Дар'я Δαρεία Daria Darya Дарија / Даша Дашуня Дарина Дарка Дарця Dasha Daryna
David Давид Давід Δαβίδ Δαυίδ Dawid דוד داود Daoud Dawood Davud Davit დავით Դավիթ Davide Dávid
    Davyd / Dave Davey Dato დათო დათა Дато Додик
Demetrius Дмитрий Дмитро Димитър Димитрије Δημήτριος Δημήτρης Dimitri Dumitru Dimitar Dimitrios
    Dmitriy Зміцер Дзмітрый Димитри Димитриј Dimitrije დიმიტრი Demetrio / Дима Димка Митя Димон
    Δήμος Μήτσος Μίμης Τάκης Димо Митко Митьо Митко Dima Дімочка Митя
Demetra Δήμητρα Димитра Dimitra Димитрина / Δημητρούλα Μιμή Τούλα Мими Dimi Дима
Dominic Доминик Домінік Dominik Dominique Domenico Domingo / Dom Nik Domi Nico
Elena Елена Олена Алена Ελένη Helena Helene Eleni Ilona Elene ელენე Hélène Jelena Јелена Helen
    Ellen Алёна Elen Hélèna / Лена Леночка Оленка Ленка Лена Λένα Ελενίτσα Νίτσα Lena Lenka Леся
    Лена Еленка Ленче Alyona Nelly ელე Ellie Lenn
Elisabeth Елизавета Єлизавета Елисавета Лізавета Ελισάβετ Elizabeth Elżbieta Erzsébet Isabel
    Elisabetta Alžběta Elisabeta Elisabed ელისაბედ Elisaveta / Лиза Ліза Лизонька Liz Lisa Liza
    Beth Betty Eliza Elsa Elise Liesbeth Lies Bettina Lilibeth Ela Els Ζέτα Λίζα Ели Лиза Lizi
    ლიზა Elly Bess Erzsi Libby Ліза
Emmanuel Εμμανουήλ Эммануил Manuel Emanuel Emanuil Εμανουήλ Емануил Manouel Immanuel / Μανώλης
    Μανόλης Μάνος Manolis Manos Manny Mani Manu Мано
Eugene Евгений Євген Яўген Ευγένιος Evgeni Evgenios Eugen Eugeniusz Eugenio Evgenij Eugène /
    Женя Євгенко Гена Жека Gene Ευγένης Жени Genio
Eugenia Евгения Євгенія Яўгенія Ευγενία Evgenia Eugenie Eugénie / Женя Женечка Женька Τζένη
    Ευγενούλα Genia Жени Ευγενίτσα
Eva Ева Єва Εύα Ewa Eve Éva / Evi Evita Ewka Evie Евка Εύη Ева
Gabriel Гавриил Гаврило Γαβριήλ Gavril Гаврил Gavriel گابریل Gabriele / Gabe Gabi Гаврюша Gavro
Gabriela Габриэла Габріела Γαβριέλα Gabrielle Gabriella Габриела / Gabi Gaby Габи Ella
George Георгий Георгій Γεώργιος Γιώργος Georgi Giorgi Georgios Jorge Jerzy György გიორგი Գևորգ
    Ђорђе Gheorghe Juraj Jiří Joris Georges Georg Юрій Юрий Jurij Yuri Жорж Егор Єгор Giorgio
    Gevorg Đorđe Джорджи Yiorgos Yorgos / Жора Гоша Гога Гога Γιωργάκης Γιωργής Γιωργίκας
    Τζώρτζης Гошо Жоро Geo Юра Юрко Юрась Gio გია გიგა გოგი Gia Djole Ђоле Djordje Gogi Гоги
    Γωγός Джордж Joris
Georgia Γεωργία Георгия Γιωργία Georgina Георгина / Γωγώ Γιούλα Τζωρτζίνα Gina Georgie Gogo
    Гинка Жоржета
Gregory Григорий Григорій Рыгор Γρηγόριος Γρηγόρης Grigor Grigorios Grzegorz Gregor Grigore
    Григор Գրիգոր გრიგოლ Gergely Gregorio Grégoire Hryhoriy Hryhorii / Гриша Гриня Грицько
    Грицько Greg Grzesiek Гриць Grisha Gria
Helen /
Ilya Илья Ілля Ηλίας Ilias Elias Илия Ilie Ilija Ілья Eliyahu אליהו إلياس ილია Եղիա Ilyas Elia
    Élie Eliáš Илија Eli / Илюша Ілько Λιάκος Илийчо Ilko
Irene Ирина Ірина Ірына Ειρήνη Irini Irena Irina Iryna Эйрини ირინე Iren Irène Ирена / Ира Ірка
    Иринка Ρηνιώ Ρένα Rena Ира Иришка Ирка Ірочка Ρηνούλα
Isaac Исаак Ісаак Ισαάκ Izaak יצחק إسحاق Ishaq Ishak Yitzhak Isak / Ike Itzik
Ioannis Ιωάννης Γιάννης Yannis Giannis Yiannis Ioannes / Γιαννάκης Γιάγκος Γιαννιός Γιάνκος
    Yanni Gianni
Ivan Иван Іван Иоанн Yvan Іванко ივანე იოანე / Ваня Ванюша Ванька Ванчо Иванчо Іванко Івась
    Vanya Иво Ivica Ivo ვანო Vano Ванко
Ivana Ивана Іванна Иванна Йоана / Ivanka Иванка Ваня Ива Vanja
Ioanna Ιωάννα Йоанна Иоанна Joanna Johanna Joana Iohanna Juana Giovanna Jeanne Joanne / Γιάννα
    Νανά Asia Joasia Hanne Ιωαννούλα Γιαννούλα Йоана Hannie Jo Гиана
Jacob Яков Яків Якуб Ιάκωβος Jakob Jakub Iacob Jacobo יעקב يعقوب Yakov Yaqub Yakup Jacopo
    Giacomo Iakovos Hakob Հակոբ იაკობ Jaap Jacques Jaime / Яша Jake Kuba Jaap Kobe Куба Јаков
    Kobi
Joachim Ιωακείμ Яким Joaquín Iakim Jochen Akim Gioacchino / Jochem Кимо
Joseph Иосиф Йосип Ιωσήφ Josef Józef Yosef Youssef Yusuf Jozef Giuseppe José Josip יוסף يوسف
    Josephus Iosif Осип იოსებ Հովսեփ Юсуф Юсеф Юсиф Youcef Yousif József Язэп Јосип / Joe Joey
    Sepp Pepe Beppe Jupp Jef Σήφης Соско Сосо სოსო Soso Josko Jos Йосиф
Julia Юлия Юлія Ιουλία Giulia Iulia Julie Julija Júlia ჯულია იულია / Юля Юлечка Юлька Γιούλη
    Юлчето Jules Juliette Julka
Laura Лаура Λάουρα Laure Лора Lora / Laurie Lolita Lauretta Лори
Leo Лев Λέων Леон Leon León Léon Lev / Лёва Лёвушка Левко Léo Λεωνής Leoš
Leonid Леонид Леонід Λεωνίδας Leonidas Leonida / Лёня Льоня Лёнчик Leo Λεωνίδης
Louis Людвиг Λουδοβίκος Ludwig Luis Luigi Lajos Ludvík Lodewijk Luís Luiz Lewis Людовик / Lou
    Gino Lutz Lulu
Louise Луиза Λουίζα Luisa Louisa Ludwika Luiza Луїза / Lou Lulu Isa
Lucas Лука Лукаш Λουκάς Luke Luc Łukasz Lukáš Luca Lukas Λουκάς لوقا ლუკა Lukács / Luki Luky Lukasz
Lucia Лючия Люсия Λουκία Lucie Lucía Łucja Lucy Люція Луција / Люся Lulu Lucka
Magdalena Магдалена Μαγδαληνή Madeleine Magdolna Magdalene Madalena Магдалина Maddalena / Magda
    Maggie Lena Madzia Μάγδα Магда Leni
Margaret Маргарита Μαργαρίτα Margarita Margarethe Małgorzata Margaretha Marguerite Margherita
    Margit Margareta Markéta Маргарыта მარგარიტა Մարգարիտ / Рита Марго Маргоша Greta Gretel
    Maggie Meg Peggy Gosia Rita Ρίτα Μάργκω Margot Griet Magi Маги Grete Peg Małgosia
Maria Мария Марія Марыя Μαρία Marie Mary Mária Marija Maryam Mariam مريم מרים მარიამ Մարիամ
    Miriam Мариам Мария Meryem Mariya Marya Марија Myriam Mariem Meriem / Маша Маруся Машенька
    Маня Муся Маняша Марійка Марічка Μαίρη Μαρίτσα Μαρίκα Μαριώ Mara Мара Мими Marieke Mieke Mia
    Mitzi Manca Marika მარი მაიკო მაკა Mimi Mirjam Ria Marysia Мика Марче Maša Mariza Mariette
    Marijke Mari Masha Мариче Μάρω Μαρούλα
Marina Марина Μαρίνα Марына Maryna მარინა مارينا / Маринка Риша Маринче Rina Ина Mare
Marianna Марианна Мар'яна Маріанна Μαριάννα Mariana Marianne Мариана Мар'янка Maryana / Mari Яна
    Annie Марьяшка Νανά
Marios Μάριος Марио Mario Mariusz Marius Маріо / Маріус Mariuszek
Mark Марк Марко Μάρκος Marcus Marek Marco Marc Marko Марек Márk Marcos მარკო Markos Маркос /
    Марик Marky Mare
Martin Мартин Мартын Μαρτίνος Martín Maarten Marcin Márton Мартін Martijn Martino Martinus
    Մարտին მარტინ / Marty Tino Тинчо Marci
Martina Мартина Μαρτίνα Martine Мартіна / Tina Martinka Марти
Matthew Матвей Матвій Ματθαίος Matthias Mateusz Matthieu Matteo Mateo Matej Mathias Матей Matei
    Máté Мацвей Matthijs Mattia Matija Матија Mathieu Mateus Matouš Matúš მათე / Мотя Matt Matty
    Mats Thijs Ματθίας Matko Матьо Matěj
Michael Михаил Михайло Міхаіл Μιχαήλ Μιχάλης Michał Mihail Mihai Mikael Miguel Michel Michele
    Mihály Mihailo Михаило მიხეილ Միքայել Michiel Mikhail Mykhailo Michalis Michail Mihajlo
    Mikayel מיכאל ميخائيل / Миша Мишаня Мишко Mike Mick Misha Мишо Михась Мишка Μίχος Μιχαλάκης
    Michi Misu Miško Mitch Михайлик Miki მიშა მიხო Misho Мишутка Micha
Michaela Михаэла Михаела Μιχαέλα Michela Micaela Michalina Mihaela Michelle Михайлина Микаела
    Mihalina / Мика Micha Ela Miša Kaela Mica
Nadezhda Надежда Надія Nadia Nadiya Надзея Надежда Nada Надзея / Надя Надюша Надійка Надка Nadja
    Naďa Надюха
Natalia Наталья Наталія Наталля Ναταλία Nathalie Natalie Natalija Nataliya Наталия ნატალია
    Natália Натали Nataša Наташа Natasha / Наташка Ната Таша Natka Нати Νατάσα Наталка Наталочка
    Наталочка Талка Туся Nat Nata Nati ნატა
Nicholas Николай Микола Мікалай Νικόλαος Νικόλας Nikolaus Mikołaj Nicolas Nikola Никола Nicolae
    Miklós Nikolai Nicola Nikolay Klaus Nikolaos Mykola Николас ნიკოლოზ Նիկողայոս Niklas Niccolò
    Nicolò Nikol / Коля Колян Миколка Νίκος Νικολάκης Νικόλας Nick Nicky Niko Nico Ники Кольо
    Nik ნიკა ნიკო Nika Klaas Miki Коле Никица Микольцьо Ничо
Nicole Николь Ніколь Νικόλ Nicoletta Νικολέτα Nikoleta Николета Nicola Nicolette / Niki Nicky
    Νίκη Ники Coco
Nina Нина Ніна Νίνα Nino ნინო / Нинка Нинуля Ниночка ნინიკო ნინუცა ნინა
Olga Ольга Όλγα Вольга Olha ოლგა Olya / Оля Олька Оленька Ольця Ολγίτσα Ољица Олечка
Paul Павел Павло Παύλος Paweł Pavel Pablo Paolo Pavlos Pál Павле Pavle Paulo Павал Պողոս პავლე
    Pauli Pol / Паша Павлик Пашка Павлусь Pauli Pol Павка Paja Παυλάκης Pasha Павлуша
Paula Паула Πάολα Pavla Paola Pola Павла / Pauli Pavlinka Pavka Paulette
Pauline Полина Поліна Παυλίνα Paulina Pavlina Polina Аполлинария Павлина Паўліна / Поля Polya
    Полинка Lina Пола Полінка
Peter Пётр Петр Петро Петър Πέτρος Piotr Pierre Pedro Pietro Petar Петар Petru Pyotr Péter Пятро
    Petros Պետրոս პეტრე Pieter Petr Boutros بطرس Petre Peder / Петя Петька Петрик Петрусь Pete
    Piet Pero Πετράκης Петко Petko Пешо Pesho Пенчо Pepi Pepík Petya Перо Пеце
Petra Петра Πέτρα / Petrička Peti Petruša
Philip Филипп Пилип Філіп Φίλιππος Filip Philippe Felipe Philipp Filippo Филип Піліп Fülöp Flip
    Filippos Պիլիպոս / Phil Pip Lipe Fip Филя Филиппок Filek Flip
Roman Роман Ρωμανός Romain Romano / Рома Ромчик Ромка Ромко Romek Romek
Rebecca Ревекка Ρεβέκκα Rebekka רבקה Rivka Ребекка Ребека Rebeka / Becky Becca Beck Рева
Raphael Рафаил Ραφαήλ Rafael Rafał Raffaele Rafail Рафаэль Рафаел רפאל / Рафик Rafi Rafa Ραφ Рафа
Samuel Самуил Самуїл Σαμουήλ שמואל صموئيل Samuil Shmuel Samuele Самуэль / Sam Sammy Сёма Muli
Sarah Сара Σάρα Sara שרה سارة Sarra Sára Сарра / Sally Sadie Сарочка
Sebastian Себастьян Σεβαστιανός Sebastiaan Sébastien Sebastiano Sebastião Себастиан / Seb Bas
    Bastian Basti Seba Bastien
Sergius Сергей Сергій Сяргей Σέργιος Sergio Serge Serhiy Sergei Sergi Сергиј სერგო სერგი Սերգեյ
    Serhii Sergej / Серёжа Сергійко Серый Серж Серёга Sergiu Сережа Sergo
Sophia София Софія Σοφία Sofia Sophie Zofia Zsófia Sofija Сафія Sofie სოფიო სოფია Софья Sofiya
    Սոֆիա Žofie Софи / Соня Софа Софийка Zosia Sonja Σόφη Фија Зося სოფო სოფიკო Sopho Sopio Sofi
    Sonia Σοφούλα
Sophocles Σοφοκλής Софокъл Sofoklis / Σόφος
Stephen Степан Стефан Στέφανος Στέφανος Stefan Stephan Stefano Esteban István Stjepan Стеван
    Stevan Szczepan Сцяпан Steven Étienne Stepan Štěpán სტეფანე Ստեփան Estêvão Stephane / Стёпа
    Степанко Steve Stef Στεφανής Stevie Стефчо Стево Stevo Stipe Стефо Pista
Stephanie Стефания Стефанія Στεφανία Stefania Stefanie Стефани Stéphanie Štefánia Estefanía /
    Стефа Steffi Steph Stefka Стефка
Susanna Сусанна Сюзанна Σουζάνα Susanne Zuzana Zsuzsanna Zuzanna Suzanne Susan Шушанна Шошана
    שושנה Շուշան Сузана Susana / Sue Susi Suzy Zuza Zsuzsa Зана Sanne Суси Shushanik Шушаник
Tamara Тамара Ταμάρα Tamar თამარ Թամար Tamari תמר / Тома Томочка Tami თამო თამუნა თამრიკო Tamuna
    Тамрико Томка
Tatiana Татьяна Тетяна Таццяна Τατιάνα Tatjana Tetiana Татяна Татјана ტატიანა Tetyana Tatyana /
    Таня Танюша Тетянка Танечка Τάνια Tanya Танка Tania Tanja Танче Таниче
Thaddeus Фаддей Фадей Θαδδαίος Tadeusz Тадеуш Тадей Թադևոս / Tad Tadek Тадек Тадо
Theodora Θεοδώρα Теодора Федора Феодора Teodora / Дора Θεοδωρούλα Ντόρα Dora Thea Теди Doroula
    Тео Δώρα Ρούλα
Theodore Фёдор Федір Θεόδωρος Θοδωρής Teodor Theodor Тодор Todor Fedor Feodor Фёдар Teodoro
    Theodoros თედო თეოდორე Թեոդորոս Tudor / Федя Федька Федько Θόδωρος Theo Тошо Тодорчо Ted
    Teddy Тоше Тео Θοδωράκης Fyodor
Thomas Фома Хома Θωμάς Tomasz Tomáš Tommaso Tomás Tamás Тома Tomas Томас Tom Tomaž Томаш თომა
    Թովմաս / Tommy Tomek Tomi Thom Maas Томек
Timothy Тимофей Тимофій Τιμόθεος Timotheus Timofey Цімафей Timoteo Tymofii Тимотей Timotej
    Timothee / Тима Тимоша Tim Timo Тимко Timmy Тимоха
Victor Виктор Віктор Віктар Βίκτωρ Βίκτορας Wiktor Viktor Vittorio Victorios ვიქტორ Վիկտոր
    Víctor / Витя Витёк Вітя Viki Vic Витек Вико Витьок Віцік
Victoria Виктория Вікторія Βικτωρία Wiktoria Viktoria Vittoria Victoire Викторија ვიქტორია /
    Вика Викуся Віка Βίκυ Vicky Tori Вики Vika Віця Виктоша Viki
Zacharias Захар Захарий Ζαχαρίας Zachary Zaccaria زكريا זכריה Zakaria Zakariya Захария Զաքարիա
    ზაქარია Zachariah / Zach Zak Захарка Захарко
"""
