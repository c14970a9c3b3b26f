//! An interval by drawing blocks of the run, as a check on the one by ranks.

use crate::draws::Draws;
use crate::models::Request;

/// Long in comparison with how far dependence reaches in the models it is used on.
const BLOCK_SECONDS: f64 = 1.0;
const RESAMPLES: usize = 120;

/// The 95 % interval of the 99th percentile, by the percentiles of those of runs put together from
/// blocks that are drawn with replacement.
///
/// Source: Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of
/// Statistics 17 (1989).
pub(crate) fn interval(requests: &[Request], draws: &mut Draws) -> (f64, f64) {
    let block = |request: &Request| (request.at / BLOCK_SECONDS) as usize;
    let blocks: Vec<_> = requests.chunk_by(|a, b| block(a) == block(b)).collect();
    let mut quantiles: Vec<_> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..blocks.len()).flat_map(|_| blocks[draws.below(blocks.len())]);
            quantile(drawn.map(|request| request.response).collect())
        })
        .collect();
    quantiles.sort_by(f64::total_cmp);
    let at = |share: f64| quantiles[(share * RESAMPLES as f64) as usize];
    (at(0.025), at(0.975))
}

/// The 99th percentile, without sorting more than it takes.
fn quantile(mut responses: Vec<f64>) -> f64 {
    let rank = (responses.len() * 99).div_ceil(100);
    let (_, quantile, _) = responses.select_nth_unstable_by(rank - 1, f64::total_cmp);
    *quantile
}
