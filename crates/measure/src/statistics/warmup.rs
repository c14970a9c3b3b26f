//! How much of the beginning is not like the rest.

/// Where to cut a series so that what remains is most steady.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// How many values to leave out.
    pub values: usize,
    /// The squared standard error of the mean of the rest.
    pub error: f64,
    /// Whether it is the last cut that was tried, so that it may not have been steady even then.
    pub is_last_candidate: bool,
}

/// The marginal standard error rule over batches of `batch` values (MSER-5 for 5): of all cuts that
/// leave out at most `largest_share` of the batches, the one with the smallest squared standard
/// error of the mean of the rest, and of equals the first. `None` without a whole batch.
///
/// Source: White, "An effective truncation heuristic for bias reduction in simulation output",
/// Simulation 69 (1997); in batches, Spratt (1998).
pub fn mser(values: &[f64], batch: usize, largest_share: f64) -> Option<Cut> {
    let batch = batch.max(1);
    let means: Vec<f64> = values
        .chunks_exact(batch)
        .map(|chunk| chunk.iter().sum::<f64>() / batch as f64)
        .collect();
    let last = (means.len() as f64 * largest_share) as usize;
    let candidates = 0..=last.min(means.len().checked_sub(1)?);
    let (cut, error) = candidates
        .map(|cut| (cut, squared_error(&means[cut..])))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Cut {
        values: cut * batch,
        error,
        is_last_candidate: cut > 0 && cut == last,
    })
}

fn squared_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARMING: [f64; 30] = [
        100., 80., 60., 40., 30., 20., 21., 19., 20., 22., 18., 20., 21., 19., 20., 20., 21., 19.,
        22., 18., 20., 20., 19., 21., 20., 20., 18., 22., 19., 21.,
    ];

    #[test]
    fn the_warmup_is_cut_off() {
        let cut = mser(&WARMING, 1, 0.5).unwrap();
        assert_eq!((cut.values, cut.is_last_candidate), (5, false));
        assert!((cut.error - 0.0544).abs() < 5e-5, "{}", cut.error);
    }

    #[test]
    fn in_batches_the_cut_is_a_multiple_of_them() {
        let cut = mser(&WARMING, 5, 1.0 / 3.0).unwrap();
        // Of the means 62, 20.4, 19.6, 20, 20, 20, the last four scatter least: 0.12 / 4².
        assert_eq!(cut.values, 10);
        assert!((cut.error - 0.0075).abs() < 1e-9, "{}", cut.error);
    }

    #[test]
    fn what_never_settles_is_cut_at_the_last_candidate() {
        let falling: Vec<f64> = (0..40).map(|i| f64::from(40 - i).powi(3)).collect();
        let cut = mser(&falling, 1, 0.5).unwrap();
        assert_eq!((cut.values, cut.is_last_candidate), (20, true));
    }

    #[test]
    fn a_steady_series_is_not_cut() {
        assert_eq!(mser(&[5.0; 20], 5, 0.5).unwrap().values, 0);
        assert_eq!(mser(&[5.0; 4], 5, 0.5), None);
    }
}
