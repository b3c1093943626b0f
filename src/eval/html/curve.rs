//! Precision over recall as the threshold rises, as a drawing.

use std::fmt::Write as _;

use super::{escape, labels_hue};
use crate::eval::{Confidence, Interval, Labels};

/// Width and height of the plot, and the room around it.
const SIZE: f64 = 260.0;
const MARGIN: f64 = 40.0;

/// How lines are told apart without colour.
const DASHES: [&str; 5] = ["6 3", "2 3", "10 3 2 3", "1 4", "12 4"];

pub(super) fn svg(confidence: &Confidence, labels: &Labels) -> String {
    let side = SIZE + 2.0 * MARGIN;
    let mut svg = format!(
        "<figure><figcaption>precision over recall as the least score rises from 0 to 1 (strict), and the 95 % interval of the precision of all; the numbers are in the table of thresholds</figcaption>\
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
    let place =
        |recall: f64, precision: f64| format!("{:.1},{:.1}", MARGIN + recall * SIZE, MARGIN + (1.0 - precision) * SIZE);
    // Each interval at the recall of its threshold: along the lower ends, and back along the upper ones.
    let all = confidence.curve(None);
    let recall = |threshold: f64| all.iter().find(|point| point.threshold >= threshold - 1e-9)?.recall;
    let ends: Vec<(f64, Interval)> =
        confidence.band.iter().filter_map(|point| Some((recall(point.threshold)?, point.precision))).collect();
    let low = ends.iter().map(|(recall, precision)| place(*recall, precision.low));
    let high = ends.iter().rev().map(|(recall, precision)| place(*recall, precision.high));
    if !ends.is_empty() {
        let _ = write!(svg, "<polygon class=\"band\" points=\"{}\"/>", low.chain(high).collect::<Vec<_>>().join(" "));
    }
    let lines = labels.ids().map(|label| (labels.name(label), Some(label))).chain([("all", None)]);
    for (row, (name, label)) in lines.enumerate() {
        let points: Vec<String> = confidence
            .curve(label)
            .iter()
            .filter_map(|point| Some((point.recall?, point.precision?)))
            .map(|(recall, precision)| place(recall, precision))
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
        let (left, y) = (MARGIN + SIZE + 14.0, MARGIN + 10.0 + 18.0 * row as f64);
        let _ = write!(
            svg,
            "<polyline {look} points=\"{}\"/><polyline {look} points=\"{left},{y} {},{y}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            points.join(" "),
            left + 30.0,
            left + 36.0,
            y + 4.0,
            escape(name),
        );
    }
    svg.push_str("</svg></figure>");
    svg
}
