//! Pages: `musamma view`, `eval --report` and `compare --report`.

use serde_json::json;

use crate::util::Workplace;

fn place() -> Workplace {
    let place = Workplace::new();
    let record =
        |entities: serde_json::Value| json!({"id": "a.txt", "text": "زار <وفد> طنجة وفاس", "entities": entities});
    let city = |start: usize, end: usize| json!({"start": start, "end": end, "label": "CITY", "score": 0.9});
    place.write("gold.jsonl", record(json!([city(10, 14), city(16, 19)])).to_string());
    place.write("predicted.jsonl", record(json!([city(10, 14), city(15, 19)])).to_string());
    place
}

#[test]
fn a_view_marks_the_entities() {
    let place = place();
    place.run(&["view", "gold.jsonl", "-o", "view.html"]).ends_with(0);
    let page = place.read("view.html");
    assert!(page.contains("&lt;وفد&gt;") && page.contains("<bdi>طنجة</bdi>"), "{page}");
    assert!(page.contains("data-label=\"CITY\"") && !page.contains("class=\"wrong\""));
}

#[test]
fn a_report_shows_scores_curves_and_mistakes() {
    let place = place();
    place.run(&["eval", "predicted.jsonl", "--gold", "gold.jsonl", "--report", "report.html"]).ends_with(0);
    let page = place.read("report.html");
    let article = page.split_once("<article>").unwrap().1.split_once("</article>").unwrap().0;
    insta::assert_snapshot!(article.replace("<mark", "\n<mark"), @r#"
    <h3><bdi>a.txt</bdi></h3><div class="sides"><section><h4>gold</h4><div class="text" dir="auto">زار &lt;وفد&gt; 
    <mark data-label="CITY" style="--hue:42"><bdi>طنجة</bdi><small aria-hidden="true" dir="ltr">CITY</small><span class="sr" lang="en" dir="ltr"> (CITY) </span></mark> و
    <mark class="wrong" data-kind="misbounded" tabindex="0" data-label="CITY" style="--hue:42">فاس<small aria-hidden="true" dir="ltr">CITY ↔</small><span class="sr" lang="en" dir="ltr"> (CITY, misbounded) </span></mark></div></section><section><h4>predicted</h4><div class="text" dir="auto">زار &lt;وفد&gt; 
    <mark data-label="CITY" style="--hue:42"><bdi>طنجة</bdi><small aria-hidden="true" dir="ltr">CITY</small><span class="sr" lang="en" dir="ltr"> (CITY) </span></mark> 
    <mark class="wrong" data-kind="misbounded" tabindex="0" data-label="CITY" style="--hue:42"><bdi>وفاس</bdi><small aria-hidden="true" dir="ltr">CITY ↔</small><span class="sr" lang="en" dir="ltr"> (CITY, misbounded) </span></mark></div></section></div>
    "#);
    assert!(page.contains("<b>strict</b>: same span, same label") && page.contains("<polyline class=\"all\""));
    assert!(!place.path("report.html.partial").exists());
}

#[test]
fn a_comparison_has_its_page() {
    let place = place();
    let paths = ["compare", "predicted.jsonl", "gold.jsonl"];
    place.run(&[&paths[..], &["--gold", "gold.jsonl", "--report", "c.html"]].concat()).ends_with(0);
    assert!(place.read("c.html").contains("<b>changes</b>"));
    place.run(&[&paths[..], &["--report", "c.html"]].concat()).ends_with(2);
}
