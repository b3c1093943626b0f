use super::*;
use jiff::civil::date;

#[test]
fn smoke() {
    let text = "أمس الثلاثاء";
    let found = find(text, Some("ar"), Some(date(2024, 4, 24)));
    assert_eq!(found.len(), 1);
}
