//! How many megabytes of text a second the date finder reads on one core, in
//! four languages, on invented news with a date in every second sentence.
//!
//! ```text
//! cargo bench --no-default-features --bench dates
//! ```

use std::time::Instant;

use musamma::dates::find;

/// Language, a paragraph, and how many dates it has: a fast wrong answer fails.
const PARAGRAPHS: [(&str, &str, usize); 4] = [
    (
        "ar",
        "أعلنت وزارة التجهيز والماء، أمس الثلاثاء، عن إطلاق أشغال توسيع الطريق الرابطة بين المدينتين. وأوضح المسؤول ذاته أن \
         المشروع سينتهي في شهر دجنبر 2025، بكلفة تناهز 120 مليون درهم. وكانت الأشغال الأولى قد انطلقت في 12 ماي 2019 قبل أن \
         تتوقف بسبب الجائحة. ومن المرتقب أن تستفيد من المشروع أزيد من 4000 أسرة، بحسب البلاغ الذي توصلت به الجريدة.\n",
        3,
    ),
    (
        "fr",
        "Le ministère a annoncé mardi dernier le lancement des travaux d'élargissement de la route entre les deux villes. Le \
         responsable a précisé que le chantier s'achèvera en décembre 2025, pour un coût de 120 millions de dirhams. Les \
         premiers travaux avaient commencé le 12 mai 2019 avant d'être interrompus. Plus de 4000 familles en profiteront, selon \
         le communiqué parvenu à la rédaction.\n",
        3,
    ),
    (
        "en",
        "The ministry announced last Tuesday that work on widening the road between the two towns would begin. The project is to \
         be finished in December 2025 at a cost of 120 million dollars, an official said. The first works had begun on 12 May \
         2019 before they were interrupted by the pandemic. More than 4000 families will benefit, according to the statement.\n",
        3,
    ),
    (
        "es",
        "El ministerio anunció el martes pasado el inicio de las obras de ampliación de la carretera entre las dos ciudades. El \
         responsable precisó que el proyecto terminará en diciembre de 2025, con un costo de 120 millones. Las primeras obras \
         habían comenzado el 12 de mayo de 2019 antes de ser interrumpidas. Más de 4000 familias se beneficiarán, según el \
         comunicado.\n",
        3,
    ),
];

fn main() {
    let reference = "2024-04-24".parse().ok();
    for (language, paragraph, dates) in PARAGRAPHS {
        let repetitions = 2_000_000 / paragraph.len();
        let text = paragraph.repeat(repetitions);
        // Once to read the lexicons.
        assert_eq!(find(paragraph, Some(language), reference).len(), dates, "{language}");
        let start = Instant::now();
        let found = find(&text, Some(language), reference).len();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(found, dates * repetitions, "{language}");
        println!("dates {language}: {:6.1} MB/s", text.len() as f64 / 1e6 / seconds);
    }
}
