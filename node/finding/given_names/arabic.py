"""Arabic, Persian, Kurdish, Turkish and Azerbaijani names.

Arabic script leaves vowels out, so that one written word may be several names; here
each name has its usual Latin spellings beside it.
"""

ARABIC = """
محمد Mohammed Muhammad Mohamed Mehmet Mohammad Muhammed Mohamad Muhammet Мухаммад Магомед
    Mamadou Mahomed Mehmed Mehmed Mohammod Muhamed / Mo Mimo Hamo Memo Moha Mido Мага
أحمد Ahmed Ahmad Ахмед Ahmet Achmed Ахмат Akhmad احمد / Hamoudi Hmida Medo
محمود Mahmoud Mahmud Mahmut Махмуд
مصطفى Mustafa Mostafa Moustafa Мустафа مصطفي / Safi Moustapha
علي Ali Aly Али علی / Alilo Aloush
حسن Hassan Hasan Гасан Хасан / Hassoun Hasso
حسين Hussein Husain Hossein Houssein Huseyin Hüseyin Hoseyn Гусейн Хусейн Hussain حسین
عمر Omar Umar Ömer Омар Умар Omer Oumar / Ammour
عثمان Othman Osman Uthman Осман Ousmane Usman
إبراهيم Ibrahim Abraham Ebrahim İbrahim Ибрагим Ibrahima Brahim ابراهيم ابراهیم Αβραάμ Авраам
    Abram Avram אברהם Աբրահամ Абрам / Brahimo Ibo Avi Avrum Abe
إسماعيل Ismail Ismael Esmail Исмаил Ismayil Smail اسماعيل اسماعیل / Isma
عيسى Issa Isa Isaa Eissa Иса
موسى Musa Moussa Moses Mousa Муса Моисей Μωυσής Moshe משה Moisés Mojżesz Mojsije موسي
يحيى Yahya Yehia Jahja Яхья Yahia يحيي
هارون Haroun Harun Aaron Аарон Ααρών אהרן Aron Арон Hārūn
سليمان Suleiman Sulaiman Sleiman Süleyman Solomon Сулейман Soliman Suleyman Соломон Σολομών שלמה
    Souleymane سلیمان
خالد Khaled Khalid Халед Халид Halid
خليل Khalil Halil Халил خلیل
وليد Walid Waleed Валид ولید Oualid
طارق Tarek Tariq Tarik Тарик Tareq
زيد Zaid Zayd Zeid Зейд زید
زياد Ziad Ziyad Зияд زیاد
يزن Yazan
يزيد Yazid
نور Nour Noor Nur Нур
نورا Noura Nora Nura Нора Νόρα نورة
هشام Hisham Hicham Хишам Hesham
جمال Jamal Gamal Djamel Jamel Cemal Джамал
جميل Jamil Gamil Djamil Cemil Джамиль جمیل
جميلة Jamila Gamila Djamila Cemile Джамиля
جعفر Jaafar Gaafar Jafar Cafer Джафар Djafar
كريم Karim Kareem Kerim Карим کریم Abdelkrim
كمال Kamal Kemal Камал Kamel کمال
كامل Kamil
رشيد Rashid Rachid Raşit Рашид رشید Rasheed
رامي Rami Ramy رامی
رضا Reza Rida Ridha Риза Rıza
سامي Sami Samy سامی
سمير Samir Sameer Самир سمیر
سميرة Samira Самира سمیرا Sameera
سعيد Said Saeed Saïd Саид Sait سعید
سعد Saad Sa'd
سالم Salem Salim
سليم Selim Saleem سلیم
صالح Saleh Salih Salah Салех
صلاح
طه Taha Таха
عادل Adel Adil Адель Адил
عامر Amer Amir
أمير امیر Emir Ameer Амир
أنس Anas Anass
أسامة Osama Usama Oussama Усама
أيمن Ayman Aymen Айман ایمن
أيوب Ayoub Ayyub Eyüp Job Иов Айюб ایوب
بلال Bilal Belal Билал
باسل Basel Bassel Basil
باسم Basem Bassem Basim
بشير Bashir Bachir Beşir Башир
بكر Bakr Bekir
جبريل Jibril Gibril Cebrail
حامد Hamed
حميد Hamid Hameed Хамид حمید
حمد Hamad
حمزة Hamza Hamzah Гамза Хамза حمزه
داليا Dalia
دينا Dina Deena
دعاء Doaa Duaa
رانيا Rania Raniya رانیا
ريم Reem Rim
ريهام Riham
زينب Zeinab Zainab Zaynab Zeynep Зейнаб زینب Zineb
زهرة Zahra Zohra Zehra Захра زهراء زهرا
سارة
سلمى Selma Salma Сальма سلما
سلوى Salwa
سناء Sanaa Sana
شيماء Shaima Chaima Shaimaa Шайма شیما Sheyma
صفاء Safa Safaa
عائشة Aisha Aicha Ayşe Айша Aysha Aïssatou عایشه
عبير Abeer Abir
علا Ola
علاء Alaa Ala'a
عمار Ammar
عماد Imad Emad
غادة Ghada
فاطمة Fatima Fatma Fatemeh Фатима Fatimah Fatoumata فاطمه Fatime Fatimetou / Fati Faty
فارس Fares Faris Фарис
فادي Fadi Fady
فراس Firas Feras
فريد Farid Fareed Ferit Фарид فرید
فؤاد Fuad Fouad Фуад
فيصل Faisal Faysal Фейсал Feisal فیصل
قاسم Qasem Kasim Qassim Касим Kassem Gasim
لؤي Loay Louay
ليلى Layla Leila Laila Лейла Leyla لیلا Leïla ליילה
ليث Laith
لينا Lina Лина Leena لینا
ماجد Majed Majid
مجيد Мажид Medjid
محسن Mohsen Muhsin
مراد Murad Mourad Мурад Murat
مروان Marwan Merouane Марван
مروة Marwa Merve
منى Mona Muna Мона
مها Maha
مي Mai
نادر Nader Nadir
نبيل Nabil Nabeel Набиль نبیل
نسرين Nasrin Nesrin Nisrine Nasreen نسرین
نجوى Najwa
هبة Hiba Heba
هدى Huda Hoda Houda
هناء Hana Hanaa
هند Hind
ولاء Walaa
وفاء Wafa Wafaa
ياسر Yasser Yasir Ясер Yaser یاسر
ياسين Yassin Yasin Yacine Yassine Ясин یاسین
عبدالله Abdullah Abdallah Abdulla Абдулла Abdoulaye Abdollah
عبدالرحمن Abdulrahman Abdelrahman Abdurrahman Abderrahmane Абдурахман
عبدالعزيز Abdulaziz Abdelaziz Абдулазиз
عبدالقادر Abdelkader Abdulkadir Abdulqader Абдулкадыр
عبدالكريم Abdelkarim Abdulkarim Абдулкарим
رحمن Rahman Rahmane
رحيم Rahim Raheem
"""

PERSIAN = """
امین Amin أمين Amine Амин Emin
آرش Arash Араш
آرمان Arman Արման Арман
آرزو Arzu Arezoo Arzoo
آزاده Azadeh
بهرام Bahram
بهروز Behrouz Behruz
بهنام Behnam
بیژن Bijan Bizhan
پرویز Parviz Parwiz
پریسا Parisa
پویا Pouya Puya
جواد Javad Jawad جواد
حبیب Habib حبيب Хабиб
رستم Rostam Rustam Рустам
روحالله Ruhollah Rohullah
زلمی Zalmay
سجاد Sajad Sajjad
ستاره Setareh Sitara
سهراب Sohrab
شاپور Shapur
شهرام Shahram
شیرین Shirin Şirin Ширин Shireen شيرين
فرهاد Farhad Ferhat Фархад
فریبا Fariba
فرزانه Farzaneh Farzana
فرشته Fereshteh Fereshta
کامران Kamran
کیان Kian
گل Gul
لطیف Latif لطيف
مجتبی Mojtaba Mujtaba
مهدی Mehdi Mahdi مهدي Махди
مهرداد Mehrdad
میلاد Milad
مینا Mina
نازنین Nazanin
نجیب Najib نجيب
نوید Navid Nawid
وحید Wahid Vahid
هما Homa
یاسمین
علیرضا Alireza
محمدرضا Mohammadreza
نرگس Narges Nargis
مرضیه Marzieh Marzia
معصومه Masoumeh Masuma
"""

TURKISH = """
Ayşegül Aysegul
Ayhan
Aytaç
Aziz عزيز Азиз عزیز
Baran
Berfin
Berkay / Berk
Bülent Bulent
Burak
Cem
Ceyda
Deniz
Dilan
Ebru
Elif
Elnur
Emine
Emre
Engin
Enver أنور Anwar Энвер
Erdal
Esra
Fikret
Gizem
Gökhan Gokhan
Gül
Gülay
Gülşen
Hakan
Halime
Hamdi
Havva
Hatice Hatidzhe Khadija Khadidja Хадиджа خديجة خدیجه Хатидже Kadija Hadija / Hatçe
Ilham İlham
İlhan
İlkay
Kadir Kader
Kaan
Kenan
Leman
Levent
Mert
Merve
Metin
Muhittin
Mukaddes
Nazlı
Nermin
Nihat
Nurcan
Oğuz
Okan
Onur
Orhan
Özge
Özlem
Ramazan رمضان Ramadan Рамазан Ramzan Ramadhan
Recep Rajab Rexhep Раджаб رجب
Selin
Serkan
Seda
Sevda
Sevgi
Sibel
Sinan
Tolga
Tuğba
Tunahan
Ufuk
Umut
Ümit Umit
Volkan
Yavuz
Yıldız
Yunus Younes يونس Yunis Jonah Иона Ιωνάς Younis یونس
Zekeriya
Vüsal Vusal
Rəşad Rashad Рашад رشاد
Elçin Elchin
Nigar
Günel Gunel
Aynur
Sevinc
Kamran
Rovşən Rovshan
"""
