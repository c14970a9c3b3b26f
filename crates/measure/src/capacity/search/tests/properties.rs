//! What holds of every search, whatever comes of its probes.

use super::*;
use proptest::prelude::*;

fn options() -> impl Strategy<Value = Options> {
    (
        1.0..1e4_f64,
        1.1..4.0_f64,
        1.001..2.0_f64,
        0..5_u32,
        any::<bool>(),
    )
        .prop_map(
            |(start, growth, resolution, back_offs, from_above)| Options {
                start,
                growth,
                resolution,
                back_offs,
                from_above,
                ..Options::default()
            },
        )
}

proptest! {
    #[test]
    fn whatever_comes_of_it_the_search_ends_and_can_be_taken_up_anywhere(
        options in options(),
        draws in prop::collection::vec(0..12_usize, 1..200),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut search = search(options);
        let mut draws = draws.into_iter().cycle();
        let (mut steps, mut outcomes) = (Vec::new(), Vec::new());
        while search.next() != Action::Done {
            let draw = draws.next().unwrap();
            let outcome = match search.next() {
                Action::CoolDown { .. } => if draw == 0 { NotSettled } else { Settled },
                _ => [
                    Passed, Failed, Inconclusive, Passed, Failed, Passed, Doubtful, GeneratorLimited,
                ][draw % 8],
            };
            if let Some(rate) = judged(&search.next()) {
                prop_assert!(rate > 0.0 && rate <= options.most);
            }
            search.tell(outcome).unwrap();
            steps.push(search.clone());
            outcomes.push(outcome);
            prop_assert!(steps.len() < 5000);
        }
        let at = cut.index(steps.len());
        let resumed = &steps[at];
        let again = Search::replay(options, outcomes[..=at].iter().copied()).unwrap();
        prop_assert_eq!(&again, resumed);
        prop_assert!(search.found().end != End::Open);
    }

    #[test]
    fn the_bounds_enclose_the_truth(options in options(), capacity in 1.0..1e5_f64) {
        let (search, _) = explore(options, |rate| rate <= capacity);
        let found = search.found();
        if let (Some(lower), Some(upper)) = (found.lower, found.upper) {
            prop_assert!(lower <= capacity && capacity < upper.rate);
            prop_assert!(upper.rate / lower <= options.resolution);
            prop_assert_eq!(found.capacity(), Some(lower));
        } else {
            prop_assert_eq!(found.end, End::NothingPassed);
        }
    }
}
