use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

/// Spans and values of a text; `-` stands for no value.
fn read(language: &str, reference: Option<Date>, text: &str) -> Vec<(String, String)> {
    find(text, Some(language), reference)
        .into_iter()
        .map(|mention| {
            let value = mention.value.map_or_else(|| "-".to_owned(), |value| value.to_string());
            (text[mention.range].to_owned(), value)
        })
        .collect()
}

/// Checks rows of a text and what is found in it: `span = value; span = value`.
fn check(language: &str, reference: Date, rows: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in rows {
        let found: Vec<String> =
            read(language, Some(reference), text).iter().map(|(span, value)| format!("{span} = {value}")).collect();
        if found.join("; ") != *expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {}", found.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A Wednesday.
const WEDNESDAY: Date = date(2024, 4, 24);

#[test]
fn arabic_days_in_all_orders_and_with_all_months() {
    check(
        "ar",
        WEDNESDAY,
        &[
            ("اجتمع المجلس يوم الأربعاء 24 أبريل 2024 بالرباط.", "يوم الأربعاء 24 أبريل 2024 = 2024-04-24"),
            ("وقعت في 7 أكتوبر الماضي.", "7 أكتوبر الماضي = 2023-10-07"),
            ("في فاتح ماي المقبل", "فاتح ماي المقبل = 2024-05-01"),
            ("يوم 25 و26 يونيو 2019", "يوم 25 و26 يونيو 2019 = 2019-06-25/2019-06-26"),
            ("من 12 إلى 15 ماي 2023", "12 إلى 15 ماي 2023 = 2023-05-12/2023-05-15"),
            ("أيام 14و15 مارس 2017", "أيام 14و15 مارس 2017 = 2017-03-14/2017-03-15"),
            ("يومي 2 و7 من الشهر المقبل", "يومي 2 و7 من الشهر المقبل = 2024-05-02/2024-05-07"),
            ("الثالث والعشرين من شهر يوليو عام 2011", "الثالث والعشرين من شهر يوليو عام 2011 = 2011-07-23"),
            ("في الـ12 من غشت 2020", "الـ12 من غشت 2020 = 2020-08-12"),
            ("بتاريخ ٢٤/٠٤/٢٠٢٤", "٢٤/٠٤/٢٠٢٤ = 2024-04-24"),
            ("بتاريخ ۲۴ أبريل ۲۰۲۴", "۲۴ أبريل ۲۰۲۴ = 2024-04-24"),
            ("يوم 2024-04-23", "يوم 2024-04-23 = 2024-04-23"),
            ("27 - 10 - 2018", "27 - 10 - 2018 = 2018-10-27"),
            (
                "5 جانفي 2020 و6 فيفري 2020 و7 أفريل 2020",
                "5 جانفي 2020 = 2020-01-05; 6 فيفري 2020 = 2020-02-06; 7 أفريل 2020 = 2020-04-07",
            ),
            (
                "1 جوان 2020، 2 جويلية 2020، 3 أوت 2020",
                "1 جوان 2020 = 2020-06-01; 2 جويلية 2020 = 2020-07-02; 3 أوت 2020 = 2020-08-03",
            ),
            (
                "4 غشت 2021، 5 شتنبر 2021، 6 نونبر 2021، 7 دجنبر 2021",
                "4 غشت 2021 = 2021-08-04; 5 شتنبر 2021 = 2021-09-05; 6 نونبر 2021 = 2021-11-06; 7 دجنبر 2021 = 2021-12-07",
            ),
            (
                "16 يوليوز 2021 و17 يوليو 2021 و18 يوليه 2021",
                "16 يوليوز 2021 = 2021-07-16; 17 يوليو 2021 = 2021-07-17; 18 يوليه 2021 = 2021-07-18",
            ),
            (
                "9 كانون الثاني 2022 ثم 10 تشرين الأول 2022",
                "9 كانون الثاني 2022 = 2022-01-09; 10 تشرين الأول 2022 = 2022-10-10",
            ),
            ("في 3 اذار 2022", "3 اذار 2022 = 2022-03-03"),
            ("الأول من شباط 2022 وأول آذار 2022", "الأول من شباط 2022 = 2022-02-01; أول آذار 2022 = 2022-03-01"),
            (
                "من الثالث والعشرين وحتى السادس والعشرين من شهر أكتوبر 2021",
                "الثالث والعشرين وحتى السادس والعشرين من شهر أكتوبر 2021 = 2021-10-23/2021-10-26",
            ),
            ("في 7 أكتوبر لعام 2010", "7 أكتوبر لعام 2010 = 2010-10-07"),
            ("السبت السادس عشر", "السبت السادس عشر = 2024-03-16"),
            ("16 مارس/آذار 2022", "16 مارس/آذار 2022 = 2022-03-16"),
            ("في ديسمبر (كانون الأول) 2021", "ديسمبر (كانون الأول) 2021 = 2021-12"),
            ("29 شباط/ فبراير 2020", "29 شباط/ فبراير 2020 = 2020-02-29"),
        ],
    );
}

#[test]
fn arabic_relative_days_and_weekdays() {
    check(
        "ar",
        WEDNESDAY,
        &[
            ("استقبل أمس الثلاثاء وفدا", "أمس الثلاثاء = 2024-04-23"),
            ("اليوم الأربعاء", "اليوم الأربعاء = 2024-04-24"),
            ("مساء اليوم", "اليوم = 2024-04-24"),
            ("مساء أمس", "أمس = 2024-04-23"),
            ("غدا الخميس", "غدا الخميس = 2024-04-25"),
            ("أول أمس الاثنين", "أول أمس الاثنين = 2024-04-22"),
            ("أول من أمس", "أول من أمس = 2024-04-22"),
            ("بعد غد الجمعة", "بعد غد الجمعة = 2024-04-26"),
            ("اليوم (الأربعاء)", "اليوم (الأربعاء) = 2024-04-24"),
            ("يوم غد الخميس (25 أبريل)", "يوم غد الخميس (25 أبريل) = 2024-04-25"),
            ("صرح يوم الأحد", "يوم الأحد = 2024-04-21"),
            ("وقال يوم الأربعاء إنه", "يوم الأربعاء = 2024-04-24"),
            ("الجمعة الماضي", "الجمعة الماضي = 2024-04-19"),
            ("الأربعاء الماضي", "الأربعاء الماضي = 2024-04-17"),
            ("الأربعاء المقبل", "الأربعاء المقبل = 2024-05-01"),
            ("سيعقد الاجتماع يوم الجمعة", "يوم الجمعة = 2024-04-26"),
            ("والخميس", "الخميس = 2024-04-18"),
            ("يومي السبت والأحد الماضيين", "يومي السبت والأحد الماضيين = 2024-04-20/2024-04-21"),
            ("الجمعة من الأسبوع الماضي", "الجمعة من الأسبوع الماضي = 2024-04-19"),
            ("أول يوم جمعة من يوليو 2024", "أول يوم جمعة من يوليو 2024 = 2024-07-05"),
        ],
    );
}

#[test]
fn arabic_longer_periods() {
    check(
        "ar",
        WEDNESDAY,
        &[
            ("الأسبوع الماضي", "الأسبوع الماضي = 2024-W16"),
            ("خلال الأسبوع الجاري", "الأسبوع الجاري = 2024-W17"),
            ("نهاية الأسبوع الماضي", "الأسبوع الماضي = 2024-W16"),
            ("الشهر الجاري", "الشهر الجاري = 2024-04"),
            ("هذا الشهر", "هذا الشهر = 2024-04"),
            ("الشهر المقبل", "الشهر المقبل = 2024-05"),
            ("العام الماضي", "العام الماضي = 2023"),
            ("السنة المقبلة", "السنة المقبلة = 2025"),
            ("برسم سنة 2024", "سنة 2024 = 2024"),
            ("لسنة 2021", "سنة 2021 = 2021"),
            ("عامي 2019 و2020", "عامي 2019 و2020 = 2019/2020"),
            ("موسم 2020-2021", "2020-2021 = 2020/2021"),
            ("كأس العالم 2030", "2030 = 2030"),
            ("شهر مارس الماضي", "شهر مارس الماضي = 2024-03"),
            ("شهر ماي المقبل", "شهر ماي المقبل = 2024-05"),
            ("أبريل من السنة الماضية", "أبريل من السنة الماضية = 2023-04"),
            ("أشهر مارس وأبريل وماي 2020", "أشهر مارس وأبريل وماي 2020 = 2020-03/2020-05"),
            ("الفصل الأول من السنة الجارية", "الفصل الأول من السنة الجارية = 2024-Q1"),
            ("الربع الأخير من عام 2018", "الربع الأخير من عام 2018 = 2018-Q4"),
            ("النصف الثاني من 2019", "النصف الثاني من 2019 = 2019-H2"),
            ("صيف 2023", "صيف 2023 = 2023-SU"),
            ("شتاء سنة 2023", "شتاء سنة 2023 = 2023-WI"),
            ("الصيف المقبل", "الصيف المقبل = 2024-SU"),
            ("في الثمانينيات", "الثمانينيات = 198X"),
            ("ستينيات القرن الماضي", "ستينيات القرن الماضي = 196X"),
            ("القرن التاسع عشر", "القرن التاسع عشر = 18XX"),
            ("قبل سنتين", "قبل سنتين = 2022"),
            ("قبل ثلاثة أشهر", "قبل ثلاثة أشهر = 2024-01"),
            ("منذ أسبوع", "منذ أسبوع = 2024-W16"),
            ("قبل يومين", "قبل يومين = 2024-04-22"),
            ("الأسبوع الأخير من شهر دجنبر الماضي", "الأسبوع الأخير من شهر دجنبر الماضي = 2023-W52"),
        ],
    );
}

#[test]
fn hijri_dates_lie_on_the_umm_al_qura_calendar() {
    check(
        "ar",
        date(2025, 1, 20),
        &[
            ("15 رجب 1446", "15 رجب 1446 = 2025-01-15"),
            ("15 رجب 1446 هـ الموافق 15 يناير 2025", "15 رجب 1446 هـ = 2025-01-15; 15 يناير 2025 = 2025-01-15"),
            ("1446/7/15هـ", "1446/7/15هـ = 2025-01-15"),
            ("15-07-1446", "15-07-1446 = 2025-01-15"),
            ("شهر رمضان 1445", "شهر رمضان 1445 = 2024-03-11/2024-04-09"),
            ("فاتح محرم 1446", "فاتح محرم 1446 = 2024-07-07"),
            ("التاسع من ذي الحجة 1445 هجرية", "التاسع من ذي الحجة 1445 هجرية = 2024-06-15"),
            ("سنة 1446 هجرية", "سنة 1446 هجرية = 2024-07-07/2025-06-25"),
        ],
    );
}

#[test]
fn french_dates() {
    check(
        "fr",
        WEDNESDAY,
        &[
            ("le mercredi 24 avril 2024 à Rabat", "mercredi 24 avril 2024 = 2024-04-24"),
            ("du 12 au 15 mai 2023", "12 au 15 mai 2023 = 2023-05-12/2023-05-15"),
            ("le 1er mars 2020", "1er mars 2020 = 2020-03-01"),
            ("les 25 et 26 juin 2019", "25 et 26 juin 2019 = 2019-06-25/2019-06-26"),
            ("depuis mars 2020", "mars 2020 = 2020-03"),
            ("au mois d'avril 2021", "mois d'avril 2021 = 2021-04"),
            ("hier", "hier = 2024-04-23"),
            ("avant-hier", "avant-hier = 2024-04-22"),
            ("après-demain", "après-demain = 2024-04-26"),
            ("mardi dernier", "mardi dernier = 2024-04-23"),
            ("jeudi prochain", "jeudi prochain = 2024-04-25"),
            ("ce lundi", "ce lundi = 2024-04-22"),
            ("l'année dernière", "année dernière = 2023"),
            ("la semaine prochaine", "semaine prochaine = 2024-W18"),
            ("ce mois-ci", "ce mois-ci = 2024-04"),
            ("le week-end dernier", "week-end dernier = 2024-W16-WE"),
            ("le premier trimestre 2024", "premier trimestre 2024 = 2024-Q1"),
            ("au T3 2023", "T3 2023 = 2023-Q3"),
            ("le 1er semestre 2025", "1er semestre 2025 = 2025-H1"),
            ("à l'été 2016", "été 2016 = 2016-SU"),
            ("les années 90", "années 90 = 199X"),
            ("au XIXe siècle", "XIXe siècle = 18XX"),
            ("il y a dix ans", "il y a dix ans = 2014"),
            ("un an plus tard", "un an plus tard = -"),
            ("le 15.05.99", "15.05.99 = 1999-05-15"),
            ("le 2 septembre prochain", "2 septembre prochain = 2024-09-02"),
            ("En juillet 98", "juillet 98 = 1998-07"),
            ("Il sera jugé le 3 mai", "3 mai = 2024-05-03"),
            ("le 28 décembre au 3 janvier 2024", "28 décembre = 2023-12-28; 3 janvier 2024 = 2024-01-03"),
        ],
    );
}

#[test]
fn english_dates() {
    check(
        "en",
        WEDNESDAY,
        &[
            ("on Wednesday, April 24, 2024", "Wednesday, April 24, 2024 = 2024-04-24"),
            ("on 24 April 2024", "24 April 2024 = 2024-04-24"),
            ("the 24th of April", "24th of April = 2024-04-24"),
            ("on 12-15 May 2023", "12-15 May 2023 = 2023-05-12/2023-05-15"),
            ("since March 2020", "March 2020 = 2020-03"),
            ("in October and November 2004", "October and November 2004 = 2004-10/2004-11"),
            ("yesterday", "yesterday = 2024-04-23"),
            ("the day before yesterday", "day before yesterday = 2024-04-22"),
            ("last Tuesday", "last Tuesday = 2024-04-23"),
            ("last Friday", "last Friday = 2024-04-19"),
            ("next Wednesday", "next Wednesday = 2024-05-01"),
            ("early next year", "next year = 2025"),
            ("two days ago", "two days ago = 2024-04-22"),
            ("ten years ago", "ten years ago = 2014"),
            ("three months ago", "three months ago = 2024-01"),
            ("1 month and 21 days ago", "1 month and 21 days ago = 2024-03-03"),
            ("third quarter of 2023", "third quarter of 2023 = 2023-Q3"),
            ("in Q3 2023", "Q3 2023 = 2023-Q3"),
            ("the 1990s", "1990s = 199X"),
            ("the 19th century", "19th century = 18XX"),
            ("in 2023-24", "2023-24 = 2023/2024"),
            ("this week", "this week = 2024-W17"),
            ("the first Friday of July 2024", "first Friday of July 2024 = 2024-07-05"),
            ("the week of April 10th", "week of April 10th = 2024-W15"),
            ("It will open in May.", "May = 2024-05"),
            ("2024-04-23T10:00:00Z", "2024-04-23 = 2024-04-23"),
            ("10/25/2023", "10/25/2023 = 2023-10-25"),
            ("Oct. 2, 2023", "Oct. 2, 2023 = 2023-10-02"),
        ],
    );
}

#[test]
fn spanish_dates() {
    check(
        "es",
        WEDNESDAY,
        &[
            ("el miércoles 24 de abril de 2024", "miércoles 24 de abril de 2024 = 2024-04-24"),
            ("del 12 al 15 de mayo de 2023", "12 al 15 de mayo de 2023 = 2023-05-12/2023-05-15"),
            ("el pasado 12 de marzo", "pasado 12 de marzo = 2024-03-12"),
            ("ayer", "ayer = 2024-04-23"),
            ("anteayer", "anteayer = 2024-04-22"),
            ("pasado mañana", "pasado mañana = 2024-04-26"),
            ("el próximo viernes", "próximo viernes = 2024-04-26"),
            ("el año pasado", "año pasado = 2023"),
            ("la semana que viene", "semana que viene = 2024-W18"),
            ("el mes de mayo", "mes de mayo = 2023-05"),
            ("este próximo mes de julio", "este próximo mes de julio = 2024-07"),
            ("octubre del año pasado", "octubre del año pasado = 2023-10"),
            ("el segundo semestre de 2012", "segundo semestre de 2012 = 2012-H2"),
            ("el octavo mes del año", "octavo mes del año = 2024-08"),
            ("los siglos XVI, XVII y XVIII", "siglos XVI, XVII y XVIII = 1501/1800"),
            ("los años noventa", "años noventa = 199X"),
            ("hace dos años", "hace dos años = 2022"),
            ("otoño de 2022", "otoño de 2022 = 2022-AU"),
            ("este fin de semana", "este fin de semana = 2024-W17-WE"),
            ("El partido se jugará el sábado", "sábado = 2024-04-27"),
        ],
    );
}

#[test]
fn the_other_languages_read_the_same_patterns() {
    for (language, text, expected) in [
        ("de", "am Mittwoch, 24. April 2024", "Mittwoch, 24. April 2024 = 2024-04-24"),
        ("de", "im vergangenen Jahr", "vergangenen Jahr = 2023"),
        ("de", "gestern", "gestern = 2024-04-23"),
        ("de", "vor zwei Tagen", "vor zwei Tagen = 2024-04-22"),
        ("pt", "na quarta-feira, 24 de abril de 2024", "quarta-feira, 24 de abril de 2024 = 2024-04-24"),
        ("pt", "ontem", "ontem = 2024-04-23"),
        ("pt", "no próximo mês", "próximo mês = 2024-05"),
        ("it", "mercoledì 24 aprile 2024", "mercoledì 24 aprile 2024 = 2024-04-24"),
        ("it", "la settimana scorsa", "settimana scorsa = 2024-W16"),
        ("it", "due giorni fa", "due giorni fa = 2024-04-22"),
        ("nl", "op woensdag 24 april 2024", "woensdag 24 april 2024 = 2024-04-24"),
        ("nl", "vorige week", "vorige week = 2024-W16"),
        ("nl", "twee dagen geleden", "twee dagen geleden = 2024-04-22"),
        ("tr", "24 Nisan 2024 Çarşamba", "24 Nisan 2024 = 2024-04-24; Çarşamba = 2024-04-24"),
        ("tr", "geçen yıl", "geçen yıl = 2023"),
        ("tr", "iki gün önce", "iki gün önce = 2024-04-22"),
    ] {
        check(language, WEDNESDAY, &[(text, expected)]);
    }
}

#[test]
fn what_is_no_date_stays_out() {
    for (language, text) in [
        ("ar", "على الساعة العاشرة صباحا و10:30 مساء"),
        ("ar", "لمدة خمس سنوات وخلال السنوات القادمة"),
        ("ar", "يبلغ من العمر 25 سنة"),
        ("ar", "انتهت المباراة بنتيجة 2-1 و3 / 0"),
        ("ar", "بمبلغ 2000 درهم و1500 شخص"),
        ("ar", "الهاتف 0612345678 و06-12-34-56-78"),
        ("ar", "القانون رقم 31.08 والمادة 12 من القانون 2015"),
        ("ar", "كل جمعة وكل يوم سبت"),
        ("ar", "جريدة أخبار اليوم"),
        ("ar", "صلاة الجمعة بسوق السبت"),
        ("ar", "حركة 20 فبراير"),
        ("ar", "الأمين العام الحالي للحزب"),
        ("ar", "باب الدار وأب لطفلين"),
        ("ar", "عيد الفطر"),
        ("ar", "فاز بهدفين مقابل صفر"),
        ("fr", "la planète Mars et le Champ-de-Mars à 14h30"),
        ("fr", "il a été condamné à cinq ans de prison"),
        ("fr", "2000 personnes et 1500 euros, soit 12,5 %"),
        ("fr", "tous les lundis et chaque vendredi"),
        ("fr", "au 06.12.34.56.78"),
        ("fr", "ces dernières années"),
        ("en", "It may rain; she may march on."),
        ("en", "Theresa May said on the march"),
        ("en", "every Friday and each Monday"),
        ("en", "aged 25, she won 2-1 and paid $2000"),
        ("en", "two weeks of talks over recent years"),
        ("en", "call 555-1234 at 10:30 or see 192.168.1.1"),
        ("en", "2000 people on Black Friday"),
        ("en", "Law no. 12/2019"),
        ("en", "flight BA2019, COVID-19, the G20"),
        ("es", "cada lunes, por la mañana, 2000 personas"),
        ("es", "los próximos años"),
    ] {
        assert_eq!(read(language, Some(WEDNESDAY), text), [], "{text}");
    }
}

#[test]
fn without_a_reference_date_nothing_is_invented() {
    for (language, text, value) in [
        ("ar", "أمس", "-"),
        ("ar", "الأسبوع الماضي", "-"),
        ("ar", "في 7 أكتوبر", "-"),
        ("ar", "العام الماضي 2023", "2023"),
        ("fr", "mardi dernier", "-"),
        ("en", "two years ago", "-"),
        ("en", "April 2024", "2024-04"),
        ("es", "hoy", "-"),
    ] {
        assert_eq!(read(language, None, text)[0].1, value, "{text}");
    }
}

#[test]
fn contradictions_are_told_and_not_settled() {
    for (language, text, conflict) in [
        ("ar", "الخميس 24 أبريل 2024", Some(Conflict::Weekday)),
        ("ar", "الأربعاء 24 أبريل 2024", None),
        ("ar", "أمس الأحد", Some(Conflict::Weekday)),
        ("ar", "16 مارس/نيسان 2022", Some(Conflict::Month)),
        ("ar", "يناير (كانون الثاني) 2022", None),
        ("ar", "15 رجب 1446 الموافق 20 يناير 2025", Some(Conflict::Hijri)),
        ("ar", "15 رجب 1446 الموافق 15 يناير 2025", None),
        // The moon was seen a day later.
        ("ar", "15 رجب 1446 الموافق 16 يناير 2025", None),
        ("fr", "lundi 24 avril 2024", Some(Conflict::Weekday)),
        ("en", "Friday, 26 April 2024", None),
        ("es", "lunes 24/04/2024", Some(Conflict::Weekday)),
    ] {
        let found = find(text, Some(language), Some(WEDNESDAY));
        assert_eq!(found[0].conflict, conflict, "{text}");
    }
}

#[test]
fn days_without_a_year_are_the_nearest_that_fit_the_sentence() {
    check(
        "fr",
        date(2024, 1, 10),
        &[
            ("Il est mort le 28 décembre", "28 décembre = 2023-12-28"),
            ("Il a été élu en novembre", "novembre = 2023-11"),
            ("La réunion aura lieu le 5 mars", "5 mars = 2024-03-05"),
            ("le mardi 9 janvier", "mardi 9 janvier = 2024-01-09"),
        ],
    );
    check("en", date(2024, 12, 20), &[("Gates open on 3 January", "3 January = 2025-01-03")]);
    check("ar", date(2024, 2, 28), &[("في 29 فبراير", "29 فبراير = 2024-02-29")]);
}

#[test]
fn the_language_is_found_out_where_it_is_not_said() {
    for (text, span) in [
        ("أمس الثلاثاء", "أمس الثلاثاء"),
        ("mardi dernier", "mardi dernier"),
        ("last Tuesday", "last Tuesday"),
        ("el próximo viernes", "próximo viernes"),
        ("24/04/2024", "24/04/2024"),
    ] {
        let found = find(text, None, Some(WEDNESDAY));
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(&text[found[0].range.clone()], span);
    }
}

#[test]
fn dates_that_do_not_exist_have_no_value() {
    for (language, text) in
        [("fr", "le 31 avril 2024"), ("en", "30 February 2024"), ("ar", "31 رجب 1446"), ("en", "29 February 2023")]
    {
        assert_eq!(read(language, Some(WEDNESDAY), text)[0].1, "-", "{text}");
    }
}

/// Words of dates in every order, to reach more of the patterns than letters at random do.
fn date_words() -> impl Strategy<Value = String> {
    let words = [
        "24",
        "2024",
        "31",
        "1446",
        "الأحد",
        "يوم",
        "أبريل",
        "/",
        "-",
        "،",
        "و",
        "إلى",
        "الماضي",
        "القرن",
        "التاسع عشر",
        "قبل",
        "سنتين",
        "(",
        ")",
        "آذار",
        "رجب",
        "هـ",
        "اليوم",
        "أمس",
        "من",
        "الشهر",
        "الأسبوع",
        "last",
        "next",
        "week",
        "year",
        "May",
        "Friday",
        "of",
        "the",
        "ago",
        "two",
        "years",
        "1990s",
        "Q3",
        "century",
        "XIX",
        "first",
        "24/04/2024",
        "99/99",
        "9999",
        "0",
        "00/00/0000",
        "il y a",
        "ans",
        "mardi",
        "été",
        "années",
        "siècle",
        "hace",
        "próximo",
        "enero",
        ".",
        ",",
        "\n",
        "'",
        "–",
        "ـ",
        "\u{200f}",
        "الـ",
        "2019/2020",
        "4/2024",
        "100",
        "decade",
        "hundred",
        "quarter",
        "half",
        "weekend",
        "رمضان",
        "شهري",
        "عامي",
    ];
    proptest::collection::vec((proptest::sample::select(words.to_vec()), "( |  |\n)?"), 0..40)
        .prop_map(|pairs| pairs.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect())
}

fn reference_dates() -> impl Strategy<Value = Option<Date>> {
    proptest::option::of(
        (-9999i16..=9999, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_gives_sorted_disjoint_slices(
        text in prop_oneof![date_words(), "\\PC{0,60}", "[0-9/.: -]{0,40}"],
        language in proptest::sample::select(vec![None, Some("ar"), Some("en"), Some("fr"), Some("es"), Some("de"), Some("xx")]),
        reference in reference_dates(),
    ) {
        let found = find(&text, language, reference);
        for mention in &found {
            prop_assert!(text.get(mention.range.clone()).is_some_and(|slice| !slice.is_empty()));
            if let Some((from, to)) = mention.interval() {
                prop_assert!(from <= to, "{} to {}", from, to);
            }
            if let Some(value) = mention.value {
                prop_assert!(!value.to_string().is_empty());
            }
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
        let _ = publication_date(&text, language);
        let _ = date_in_file_name(&text);
    }

    #[test]
    fn a_date_is_found_the_same_wherever_it_stands(before in "[ا-ي ]{0,30}", after in "[ا-ي ]{0,30}") {
        let date = "24 أبريل 2024";
        let text = format!("{before}.\n{date}\n.{after}");
        let found = find(&text, Some("ar"), None);
        prop_assert!(found.iter().any(|mention| &text[mention.range.clone()] == date), "{}", text);
    }
}

#[test]
fn arabic_today_is_a_date_beside_what_happens() {
    let vague = |text: &str| find(text, Some("ar"), Some(WEDNESDAY)).first().map(|mention| mention.vague);
    for text in [
        "أعلن الوزير اليوم عن المشروع.",
        "تشهد الرباط اليوم انطلاق المعرض",
        "قبل مباراة اليوم",
        "وأفاد بلاغ نُشر اليوم بأن",
        "صباح اليوم",
    ] {
        assert_eq!(vague(text), Some(false), "{text}");
    }
    for text in
        ["يعيش العالم اليوم أزمة", "نراه حتى اليوم", "شهد اليوم الأول من المهرجان", "أعلن ذلك. المدرسة اليوم بخير"]
    {
        assert_eq!(vague(text), Some(true), "{text}");
    }
    check("ar", WEDNESDAY, &[("بمناسبة اليوم العالمي للماء", ""), ("احتفل باليوم الوطني", "")]);
}

#[test]
fn what_only_looks_like_a_date_stays_out() {
    check(
        "ar",
        WEDNESDAY,
        &[
            ("المراكز الأحد عشر الموزعة", ""),
            ("انتهت المباراة صفر-1 لفائدة الزوار", ""),
            ("صرح لجريدة « فبراير » بذلك", ""),
            ("قال محمد بن رمضان إن", ""),
            ("طبقا للقانون 1083/2006 المذكور", ""),
        ],
    );
    check("en", WEDNESDAY, &[("struggling with day-today costs", ""), ("the winter weather in My Summer of Love", "")]);
    check("fr", WEDNESDAY, &[("au cours des sept derniers jours", ""), ("à la veille du sommet", "")]);
    check("es", WEDNESDAY, &[("el ingeniero Julio Alejandro Roberto", ""), ("vive allí desde hace tres semanas", "")]);
}

#[test]
fn years_behind_a_noun_and_in_ranges() {
    check(
        "ar",
        WEDNESDAY,
        &[
            ("بعد ثورة 1979", "1979 = 1979"),
            ("مشروع قانون المالية 2020", "2020 = 2020"),
            ("أسسها كوبيلو (1930-2012)", "1930 = 1930; 2012 = 2012"),
            ("برسم السنة الجامعية 2020-2021", "السنة الجامعية 2020-2021 = 2020/2021"),
            ("خلال السنة الدراسية الحالية", "السنة الدراسية الحالية = 2023/2024"),
            ("السنة المالية المقبلة", "السنة المالية المقبلة = 2025"),
            ("في 4 الجاري", "4 الجاري = 2024-04-04"),
            ("المباريات الـ3 المقبلة", ""),
            ("في أول القرن الرابع عشر الهجري", "القرن الرابع عشر الهجري = -"),
        ],
    );
    check(
        "es",
        WEDNESDAY,
        &[
            ("entre el 1 de diciembre y el 4 de febrero", "1 de diciembre = 2023-12-01; 4 de febrero = 2024-02-04"),
            ("10/1-11/2/2017", "10/1 = 2017-01-10; 11/2/2017 = 2017-02-11"),
            ("29/2-1/3", "29/2 = 2024-02-29; 1/3 = 2024-03-01"),
        ],
    );
    check("en", WEDNESDAY, &[("back on 28 June in 2020.", "28 June in 2020 = 2020-06-28")]);
    check("ar", WEDNESDAY, &[("عطلة الشهر المقبل", "الشهر المقبل = 2024-05")]);
    check("fr", WEDNESDAY, &[("sa stratégie 2025-2030", "2025-2030 = 2025/2030")]);
    check(
        "en",
        WEDNESDAY,
        &[("reached number eight in December", "December = 2023-12"), ("City of Culture year in 2025", "2025 = 2025")],
    );
}

#[test]
fn weekdays_that_one_night_joins_are_one_date() {
    check(
        "ar",
        WEDNESDAY,
        &[
            ("ليل الخميس والجمعة", "الخميس والجمعة = 2024-04-18/2024-04-19"),
            ("الخميس والجمعة", "الخميس = 2024-04-18; الجمعة = 2024-04-19"),
            (
                "من يوم الاثنين المقبل إلى غاية يوم الخميس 11 ماي",
                "يوم الاثنين المقبل = 2024-04-29; يوم الخميس 11 ماي = 2023-05-11",
            ),
        ],
    );
}
