"""Georgian and Armenian names that `shared` does not have."""

GEORGIAN = """
აკაკი Akaki Акакий Ακάκιος / კაკო კაკი Kako
ავთანდილ Avtandil Автандил / ავთო Avto Авто
ამირან Amiran
ანზორ Anzor Анзор
არჩილ Archil Арчил / Achiko აჩიკო აჩი
ბადრი Badri
ბაქარ Bakar
ბესარიონ Besarion Виссарион Βησσαρίων / ბესიკ ბესო Beso Бесо
ბექა Beka
ვალერი
ვასილ / ვასო Vaso
ვახტანგ Vakhtang Вахтанг / ვახო Vakho Вахо
გელა Gela Гела
გიორგა
გოჩა Gocha
გურამ Guram Гурам
დავითა
ეთერ Eteri Этери ეთერი
ზაზა Zaza Заза
ზვიად Zviad Звиад
ზურაბ Zurab Зураб / ზურა ზურიკო Zura Зура Зурико
თამაზ Tamaz Тамаз / თაზო
თეა Tea Теа Thea
თეიმურაზ Teimuraz Теймураз / თემო თემურ Temo
თენგიზ Tengiz Тенгиз / თენგო Tengo
თინათინ Tinatin Тинатин / თინა თინიკო Tina Tiniko
თორნიკე Tornike
ია Ia
ირმა Irma Ирма
ლაშა Lasha Лаша
ლევან Levan Леван / ლევანიკო Levo
ლია Lia Лия Λία
ლიკა Lika
მაკა
მალხაზ Malkhaz / Mako
მამუკა Mamuka Мамука
მანანა Manana Манана
მარინე
მერაბ Merab Мераб
მზია Mzia
ნათელა Natela Натела
ნანა Nana Нана
ნანი
ნოდარ Nodar Нодар
ნუგზარ Nugzar Нугзар
ოთარ Otar Отар / Otiko
რამაზ Ramaz
რატი Rati
რევაზ Revaz Реваз / რეზო Rezo Резо
რომან
რუსუდან Rusudan Русудан / რუსიკო რუსა Rusa
შალვა Shalva Шалва
შოთა Shota Шота
ჯაბა Jaba
ჯემალ Jemal
ხათუნა Khatuna Хатуна
ხვიჩა Khvicha Хвича
ცირა Tsira
ჭაბუკა
მაგდა
მედეა Medea Μήδεια Медея
ნესტან Nestan
ლელა Lela Лела
ქეთევან Ketevan Кетеван / ქეთი ქეთო ქეთინო Keti Keto Кети
"""

ARMENIAN = """
Աիդա Aida Аида Αΐντα عائدة
Ալինա
Անահիտ Anahit Анаит Anahid / Ано Anush Անահ
Անի Ani
Անուշ Anoush Ануш / Անուշիկ Anushik
Արա Ara
Արամ Aram Арам / Aramik
Արարատ Ararat
Արեն Aren
Արմեն Armen Армен / Armenchik
Արմինե Armine Армине
Արշակ Arshak Аршак
Արսեն Arsen
Արթուր
Արփինե Arpine Арпине / Arpi
Աշոտ Ashot Ашот
Աստղիկ Astghik Астхик
Արտակ Artak Артак
Արտաշես Artashes Арташес / Artash
Բագրատ Bagrat Баграт ბაგრატ
Գագիկ Gagik Гагик
Գայանե Gayane Гаяне Gaiane / Gaya
Գարեգին Garegin Карекин
Գոհար Gohar Гоар
Գուրգեն Gurgen Гурген
Դիանա
Զարուհի Zaruhi Заруи / Zara Zaro
Էդգար Edgar Эдгар Edgars
Էդուարդ
Էմին
Թաթև
Թագուհի Taguhi Тагуи
Լևոն Levon Левон
Լիլիթ Lilit Лилит Lilith
Լուսինե Lusine Лусине / Lus Luse
Կարեն Karen Карен
Կարապետ Karapet Карапет Garabed / Karo
Հայկ Hayk Айк Hayg Haik / Haykaz
Հասմիկ Hasmik Асмик
Հրանտ Hrant Грант
Հռիփսիմե Hripsime Рипсиме / Hripo
Հարություն Harutyun Арутюн Artin Haroutioun / Harut Арут
Հովհաննես Hovhannes Оганнес Ованес Hovannes Ohannes Onik / Hovo Ованнес Оник
Մարինե
Մանե Mane
Մանուկ
Մելինե
Մերի Meri Mery
Մհեր Mher Мгер
Մուշեղ Mushegh
Նազելի Nazeli / Nazik
Նաիրա Naira Наира
Նարեկ Narek Нарек
Նարինե Narine Нарине / Naro Нара
Նելլի
Նորայր Norayr
Նվարդ Nvard Нвард
Շահեն
Ռուբեն Ruben Рубен Ρουμπέν Rouben ראובן / Рубик
Ռուզաննա Ruzanna Рузанна / Ruzan Ruz
Սահակ Sahak Саак
Սամվել Samvel Самвел / Samo
Սարգիս Sargis Саргис Sarkis سركيس / Saqo Sako
Սիլվա
Սիրանուշ Siranush Сирануш Siranoush / Sira
Սոնա Sona Сона
Սուրեն Suren Сурен / Surik
Վահան Vahan Ваган
Վահե Vahe Ваге
Վահրամ Vahram
Վարդան Vartan Vardan Вардан / Vardo
Վարդուհի Varduhi / Vard
Վազգեն Vazgen Вазген
Տիգրան Tigran Тигран Dikran / Tiko
Տաթևիկ Tatevik Татевик Tatev / Tato
"""
