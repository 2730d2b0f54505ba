"""Bulgarian, Serbian, Croatian, Bosnian and Macedonian names that `shared` does not have."""

BULGARIAN = """
Ангел Άγγελος Angelos Angelo Анђел Angjel / Ачо Гелю Αγγελής Ангелчо
Асен Asen / Сенко
Бисер
Бисера
Благой Благоје Blagoy / Благо
Благовеста / Веста
Бойко
Божидар Božidar / Божо Дарко
Боян Bojan / Бонко
Боряна Boriana / Боря
Валентин / Вальо Вальо
Величко
Венелин / Вени Венко
Венета / Вени
Венцислав / Венци Венцо
Веселин Veselin / Веско
Веселина / Веси
Владимир / Владо Влади
Гергана / Гери
Десислава / Деси Деса Слава
Детелина / Дета
Димо
Добри
Добромир / Добри
Елица / Ели
Живко Živko
Здравко Zdravko
Златко Zlatko
Здравка
Илияна Iliana Ηλιάνα / Ани Или
Ивайло Ivaylo / Иво Ивко
Ивелина / Ива Иви Ели
Калин
Калина Kalina / Кали
Калоян / Калата Кало
Камен / Камо
Красимир Krasimir / Красьо Краси
Красимира / Краси
Лазар Lazar Λάζαρος Лазаръ Lazaros ლაზარე Ղազարոս Lázaro Лазарь / Лазо Лазко
Лиляна Liljana Lilyana Љиљана Ljiljana Liliana / Лили Лиле
Любен / Любчо
Любомира / Люба
Малина Malina
Мартин
Милен / Мильо
Милена Milena / Миле Лена
Мирела / Мира
Момчил / Моми
Невена Nevena / Нева
Огнян Ognjen Ognyan / Оги Огњен
Орлин
Пламен / Пламо
Пламена / Пламенка
Петя Petya
Радка / Рада
Радослав Radosław Radoslav / Радо Радек
Радостина / Ради
Ралица / Рали
Румен / Румо
Румяна / Руми
Росен / Росо
Росица / Роси
Силвия Sylvia Silvia Sylvie Σίλβια Сильвия / Силва
Славчо
Спас Spas
Спаска
Станимир / Станко Мирчо
Стоян Stojan / Стоянчо
Стоянка
Събина Сабина Sabina Sabine
Теменужка / Теми
Тихомир Tihomir / Тишо
Траян Trajan Traian
Христина
Цветан / Цеко Цецо
Цветелина / Цвети Цветка
Цветанка / Цвета Цеца
Чавдар
Явор Javor
Яна
Ясен
"""

SERBIAN_AND_MACEDONIAN = """
Адем Adem
Амра
Ана
Анђела Anđela
Бранислав Branislav / Бане Брана
Бранко Branko
Биљана Biljana Биляна / Биља Биле
Борче
Бошко Boško
Весна Vesna
Вања
Вук Vuk Вукан
Вукашин
Гоце
Горан Goran / Гога Гоша
Гордана Gordana / Гога Гоца
Дарко Darko
Дејан Dejan Деян Deyan / Деки
Драган Dragan / Гаган Драгче
Драгана Dragana / Гага
Драгица Dragica
Драгослав / Драги
Душан Dušan / Дуле Дуда
Добрила
Зоран Zoran / Зоки
Зорана Zorana
Зорица Zorica / Зора
Игор
Јасмина Jasmina Ясмина Yasmina Yasmin Ясмин ياسمين Yasemin Jasmin Yasmine / Мина Жасмин
Јован Jovan Йован / Јова Јоца
Јована Jovana / Јоца
Јадранка
Катица
Лидија
Љубиша Ljubiša / Љуба
Маја Maja Maya Майя Мая Μάγια Maia მაია
Милан Milan / Миле Мића
Милица Milica / Мица
Милош Miloš / Мишо
Мирјана Mirjana Миряна / Мира
Младен Mladen / Младо
Мирко
Небојша Nebojša / Неша
Немања Nemanja / Неца
Наум Naum
Ненад Nenad / Неша
Оливера Olivera / Оља
Предраг Predrag / Пеђа
Радмила / Рада
Раде
Сандра
Слободан Slobodan / Бобан
Слободанка
Снежана Snežana / Снежа
Срђан Srđan / Срле Срђа
Страхиња
Сунчица
Тијана
Тамара
Тања
Трајче
Урош Uroš
Филип
Цвета
Чедомир / Чеда
Amir
Azra
Emina
Hrvoje
Ivica
Krešimir / Krešo
Luka
Marijan
Mirsad
Nikša
Sanja Саня
Tin
Tihana
Vedran
Zdenka
Zvonimir / Zvonko
Željko Жељко Zeljko
"""
