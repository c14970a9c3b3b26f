//! A row of the table: what was compared, with what came out and with what should.

use crate::figure::{Figure, short};
use crate::times::Times;

/// What a row should show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// Our figure is at most so many times the other.
    Times(f64),
    /// Our figure is at most so much.
    AtMost(Figure),
    /// Nothing: the row is there to be read.
    None,
}

/// Whether it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It does.
    Met,
    /// It does not.
    NotMet,
    /// There was no goal.
    NoGoal,
    /// A figure is missing.
    Unknown,
}

impl Answer {
    /// How the table says it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "NOT MET",
            Self::NoGoal => "–",
            Self::Unknown => "NOT MEASURED",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// Our figure.
    pub(crate) ours: Option<Figure>,
    /// With what it is compared, and that one's figure.
    pub(crate) other: Option<(String, Option<Figure>)>,
    /// Our figure over the other where both were seen in turn, round by round.
    pub(crate) in_turn: Option<Times>,
    /// What it should be.
    pub(crate) goal: Goal,
    /// What else has to be known.
    pub(crate) notes: Vec<String>,
}

impl Row {
    /// A figure of ours beside a limit.
    pub(crate) fn limit(what: impl Into<String>, ours: Option<Figure>, limit: Figure) -> Self {
        Self {
            what: what.into(),
            ours,
            other: None,
            in_turn: None,
            goal: Goal::AtMost(limit),
            notes: Vec::new(),
        }
    }

    /// A row of something that could not be measured.
    pub(crate) fn missing(what: impl Into<String>, reason: &anyhow::Error) -> Self {
        Self {
            what: what.into(),
            ours: None,
            other: None,
            in_turn: None,
            goal: Goal::AtMost(Figure::once(0.0, crate::figure::Unit::Count)),
            notes: vec![format!("{reason:#}")],
        }
    }

    /// With one more thing to know.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Our figure over the other.
    pub(crate) fn times(&self) -> Option<Times> {
        let (ours, other) = (self.ours?, self.other.as_ref()?.1?);
        self.in_turn
            .or_else(|| Times::of([ours.value / other.value]))
    }

    /// Whether the goal is met.
    pub(crate) fn answer(&self) -> Answer {
        let is_met = match self.goal {
            Goal::None => return Answer::NoGoal,
            Goal::Times(most) => self.times().map(|times| times.median <= most),
            Goal::AtMost(most) => self.ours.map(|ours| ours.value <= most.value),
        };
        match is_met {
            Some(true) => Answer::Met,
            Some(false) => Answer::NotMet,
            None => Answer::Unknown,
        }
    }

    /// The cells, from left to right; [`HEAD`] names them.
    pub(crate) fn cells(&self) -> [String; 7] {
        let figure =
            |figure: Option<Figure>| figure.map_or_else(|| "–".to_owned(), |f| f.to_string());
        let other = match &self.other {
            Some((name, value)) => format!("{name}: {}", figure(*value)),
            None => String::new(),
        };
        let times = self.times().map(|times| times.to_string());
        let goal = match self.goal {
            Goal::Times(most) => format!("<= {} x", short(most)),
            Goal::AtMost(_) if self.answer() == Answer::Unknown => String::new(),
            Goal::AtMost(most) => format!("<= {most}"),
            Goal::None => String::new(),
        };
        [
            self.what.clone(),
            figure(self.ours),
            other,
            times.unwrap_or_default(),
            goal,
            self.answer().word().to_owned(),
            self.notes.join("; "),
        ]
    }
}

/// What the columns are.
pub(crate) const HEAD: [&str; 7] = ["what", "plimsoll", "other", "ratio", "goal", "", "to know"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Unit;

    fn row(ours: Option<f64>, other: Option<f64>, goal: Goal) -> Row {
        let figure = |value| Figure::once(value, Unit::Microseconds);
        Row {
            what: String::new(),
            ours: ours.map(figure),
            other: Some(("wrk".to_owned(), other.map(figure))),
            in_turn: None,
            goal,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_goal_is_met_up_to_its_limit_and_never_without_a_figure() {
        let goal = Goal::Times(1.5);
        assert_eq!(row(Some(3.0), Some(2.0), goal).answer(), Answer::Met);
        assert_eq!(row(Some(3.1), Some(2.0), goal).answer(), Answer::NotMet);
        assert_eq!(row(Some(3.1), None, goal).answer(), Answer::Unknown);
        assert_eq!(row(None, Some(2.0), goal).answer(), Answer::Unknown);
        assert_eq!(row(Some(3.0), Some(0.0), goal).answer(), Answer::Unknown);
        let limit = Goal::AtMost(Figure::once(3.0, Unit::Microseconds));
        assert_eq!(row(Some(3.0), None, limit).answer(), Answer::Met);
        assert_eq!(row(None, None, limit).answer(), Answer::Unknown);
    }
}
