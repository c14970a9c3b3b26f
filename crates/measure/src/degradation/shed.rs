//! Who is refused first.

use crate::seconds::Seconds;
use crate::tier::Tier;

/// The second in which each tier began to shed: that of the first request that was refused on
/// purpose. `None` for a tier that never was.
pub fn first_shed(tiers: &[(Tier, Seconds)]) -> Vec<(Tier, Option<f64>)> {
    let began = |seconds: &Seconds| {
        let first = seconds.seconds.iter().position(|second| second.shed > 0)?;
        Some(first as f64 * seconds.width_s())
    };
    let began = |(tier, seconds): &(Tier, Seconds)| (*tier, began(seconds));
    tiers.iter().map(began).collect()
}

/// Whether no tier began to shed before one that matters less did, which is the order in which load
/// should be given up.
pub fn sheds_least_important_first(began: &[(Tier, Option<f64>)]) -> bool {
    let at = |time: Option<f64>| time.unwrap_or(f64::INFINITY);
    began.iter().all(|(tier, time)| {
        let mut less_important = began.iter().filter(|(other, _)| other > tier);
        less_important.all(|(_, other)| at(*other) <= at(*time))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seconds::Second;

    fn from(first: usize) -> Seconds {
        let second = |t| Second {
            shed: u64::from(t >= first),
            ..Second::default()
        };
        Seconds {
            width_ns: 2_000_000_000,
            seconds: (0..50).map(second).collect(),
        }
    }

    #[test]
    fn every_tier_has_its_first_second() {
        let began = first_shed(&[
            (Tier::Critical, from(99)),
            (Tier::Important, from(20)),
            (Tier::NiceToHave, from(10)),
        ]);
        let times: Vec<_> = began.iter().map(|(_, time)| *time).collect();
        assert_eq!(times, [None, Some(40.0), Some(20.0)]);
        assert!(sheds_least_important_first(&began));
    }

    #[test]
    fn what_matters_goes_last() {
        let is_right = |critical, nice| {
            let began = [(Tier::Critical, critical), (Tier::NiceToHave, nice)];
            sheds_least_important_first(&began)
        };
        assert!(
            is_right(Some(5.0), Some(5.0)) && is_right(None, None) && is_right(None, Some(1.0))
        );
        assert!(!is_right(Some(4.0), Some(5.0)) && !is_right(Some(4.0), None));
    }
}
