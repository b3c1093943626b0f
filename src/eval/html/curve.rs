//! Precision over recall as the threshold rises, as a drawing.

use std::fmt::Write as _;

use super::{escape, labels_hue};
use crate::eval::{BandPoint, Confidence, Labels};

/// Width and height of the plot, and the room around it.
const SIZE: f64 = 260.0;
const MARGIN: f64 = 40.0;

/// How lines are told apart without colour.
const DASHES: [&str; 5] = ["6 3", "2 3", "10 3 2 3", "1 4", "12 4"];

pub(super) fn svg(confidence: &Confidence, labels: &Labels) -> String {
    let side = SIZE + 2.0 * MARGIN;
    let mut svg = format!(
        "<figure><figcaption>precision over recall as the least score rises from 0 to 1 (strict), and where all lie with 95 % intervals of both; the numbers are in the table of thresholds</figcaption>\
         <svg viewBox=\"0 0 {} {side}\" width=\"{}\" role=\"img\" aria-label=\"Precision–recall curves\">",
        side + 120.0,
        (side + 120.0) * 1.4,
    );
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let at = MARGIN + share * SIZE;
        let percent = 100.0 * share;
        let (end, bottom, y) = (MARGIN + SIZE, MARGIN + SIZE + 16.0, MARGIN + SIZE - share * SIZE);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{MARGIN}\" x2=\"{end}\" y1=\"{y}\" y2=\"{y}\"/><line class=\"grid\" x1=\"{at}\" x2=\"{at}\" y1=\"{MARGIN}\" y2=\"{end}\"/>\
             <text x=\"{at}\" y=\"{bottom}\" text-anchor=\"middle\">{percent}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{percent}</text>",
            MARGIN - 6.0,
            y + 4.0,
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">recall</text><text x=\"{MARGIN}\" y=\"{}\">precision</text>",
        MARGIN + SIZE / 2.0,
        side - 8.0,
        MARGIN - 12.0,
    );
    let x = |recall: f64| MARGIN + recall * SIZE;
    let y = |precision: f64| MARGIN + (1.0 - precision) * SIZE;
    // What the intervals of the thresholds cover together: one path, so that it has one shade.
    let cover = |BandPoint { precision, recall, .. }: &BandPoint| {
        let (left, right, above, below) = (x(recall.low), x(recall.high), y(precision.high), y(precision.low));
        format!("M{left:.1} {below:.1}H{right:.1}V{above:.1}H{left:.1}Z")
    };
    let covered: String = confidence.band.iter().map(cover).collect();
    if !covered.is_empty() {
        let _ = write!(svg, "<path class=\"band\" d=\"{covered}\"/>");
    }
    let lines = labels.ids().map(|label| (labels.name(label), Some(label))).chain([("all", None)]);
    for (row, (name, label)) in lines.enumerate() {
        let points: Vec<String> = confidence
            .curve(label)
            .iter()
            .filter_map(|point| Some((point.recall?, point.precision?)))
            .map(|(recall, precision)| format!("{:.1},{:.1}", x(recall), y(precision)))
            .collect();
        if points.is_empty() {
            continue;
        }
        let look = match label {
            None => "class=\"all\"".to_owned(),
            Some(label) => format!(
                "style=\"--hue:{}\" stroke-dasharray=\"{}\"",
                labels_hue(label.index()),
                DASHES[label.index() % DASHES.len()]
            ),
        };
        let (left, top) = (MARGIN + SIZE + 14.0, MARGIN + 10.0 + 18.0 * row as f64);
        let _ = write!(
            svg,
            "<polyline {look} points=\"{}\"/><polyline {look} points=\"{left},{top} {},{top}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            points.join(" "),
            left + 30.0,
            left + 36.0,
            top + 4.0,
            escape(name),
        );
    }
    svg.push_str("</svg></figure>");
    svg
}
