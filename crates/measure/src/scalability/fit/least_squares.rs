//! Least squares with parameters that are not negative.
//!
//! The best parameters are either all above 0, or some are 0 and the others are best among those. So all
//! choices of which are 0 are tried (γ is never), each by damped Gauss-Newton steps from a few
//! beginnings, and the best is taken.
//!
//! Source: Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", SIAM Journal 11
//! (1963).

use super::super::universal::Usl;

/// The best law.
pub(super) struct Solution {
    pub(super) law: Usl,
    /// The sum of the squares of the distances of throughput from it.
    pub(super) squares: f64,
    /// Of throughput around it.
    pub(super) deviation: f64,
}

/// α, β, γ.
type Parameters = [f64; 3];
/// Which parameters are not held at 0.
type Free = [bool; 3];

const STEPS: usize = 500;
/// A step that gains less than this share is the last.
const ENOUGH: f64 = 1e-15;
const LARGEST_DAMPING: f64 = 1e12;

const CHOICES: [Free; 4] = [
    [false, false, true],
    [true, false, true],
    [false, true, true],
    [true, true, true],
];
/// Contention and coherency to begin at.
const BEGINNINGS: [(f64, f64); 3] = [(0.01, 1e-4), (0.1, 0.01), (0.5, 1e-6)];

pub(super) fn solve(points: &[(f64, f64)]) -> Option<Solution> {
    // Throughput per unit of concurrency can only fall, so that the largest is near γ.
    let gamma = points.iter().map(|(n, x)| x / n).fold(0.0, f64::max);
    let mut best: Option<(f64, Parameters, Free)> = None;
    for free in CHOICES {
        for (alpha, beta) in BEGINNINGS {
            let start = [alpha, beta, gamma];
            let start = [0, 1, 2].map(|at| if free[at] { start[at] } else { 0.0 });
            let (squares, parameters) = descend(points, start, free);
            // More parameters have to gain something to be worth it.
            let is_better = best.is_none_or(|best| squares < best.0 * (1.0 - 1e-9));
            if squares.is_finite() && parameters[2] > 0.0 && is_better {
                best = Some((squares, parameters, free));
            }
        }
    }
    let (squares, parameters, free) = best?;
    // What ended at 0 is not free.
    let free = [0, 1, 2].map(|at| free[at] && parameters[at] > 0.0);
    let freedom = points.len() - free.iter().filter(|is_free| **is_free).count();
    let deviation = (squares / freedom.max(1) as f64).sqrt();
    Some(Solution {
        law: law(&parameters),
        squares,
        deviation,
    })
}

const fn law(&[alpha, beta, gamma]: &Parameters) -> Usl {
    Usl { alpha, beta, gamma }
}

fn sum_of_squares(points: &[(f64, f64)], parameters: &Parameters) -> f64 {
    let law = law(parameters);
    points
        .iter()
        .map(|(n, x)| (x - law.formula(*n)).powi(2))
        .sum()
}

/// How throughput at a point changes with each parameter.
fn gradient(n: f64, parameters: &Parameters, free: Free) -> Parameters {
    let [alpha, beta, gamma] = *parameters;
    let slower = 1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0);
    let by_cost = -gamma * n / (slower * slower);
    let full = [by_cost * (n - 1.0), by_cost * n * (n - 1.0), n / slower];
    [0, 1, 2].map(|at| if free[at] { full[at] } else { 0.0 })
}

/// JᵀJ and Jᵀr.
fn normal_equations(
    points: &[(f64, f64)],
    parameters: &Parameters,
    free: Free,
) -> ([Parameters; 3], Parameters) {
    let law = law(parameters);
    let (mut matrix, mut side) = ([[0.0; 3]; 3], [0.0; 3]);
    for (n, x) in points {
        let gradient = gradient(*n, parameters, free);
        let residual = x - law.formula(*n);
        for row in 0..3 {
            side[row] += gradient[row] * residual;
            for column in 0..3 {
                matrix[row][column] += gradient[row] * gradient[column];
            }
        }
    }
    (matrix, side)
}

fn descend(points: &[(f64, f64)], start: Parameters, free: Free) -> (f64, Parameters) {
    let (mut parameters, mut damping) = (start, 1e-3);
    let mut squares = sum_of_squares(points, &parameters);
    for _ in 0..STEPS {
        let (matrix, side) = normal_equations(points, &parameters, free);
        // What is at 0 and wants to go below stays there.
        let is_held = |at: usize| !free[at] || (parameters[at] <= 0.0 && side[at] <= 0.0);
        let mut damped = matrix;
        let mut wanted = side;
        for at in 0..3 {
            damped[at][at] *= 1.0 + damping;
            if is_held(at) {
                hold(&mut damped, &mut wanted, at);
            }
        }
        let step = solve_linear(damped, wanted);
        let next = [0, 1, 2].map(|at| (parameters[at] + step.map_or(0.0, |s| s[at])).max(0.0));
        let next_squares = sum_of_squares(points, &next);
        if next_squares.is_finite() && next_squares <= squares && step.is_some() {
            let gain = squares - next_squares;
            (parameters, squares) = (next, next_squares);
            damping = (damping / 10.0).max(1e-15);
            if gain <= ENOUGH * squares {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > LARGEST_DAMPING {
                break;
            }
        }
    }
    (squares, parameters)
}

/// Takes a parameter out of the equations: its step is 0.
fn hold(matrix: &mut [Parameters; 3], side: &mut Parameters, at: usize) {
    for row in matrix.iter_mut() {
        row[at] = 0.0;
    }
    matrix[at] = [0.0; 3];
    (matrix[at][at], side[at]) = (1.0, 0.0);
}

/// Three linear equations, by elimination of scaled rows; `None` if they have no single solution.
fn solve_linear(mut matrix: [Parameters; 3], mut side: Parameters) -> Option<Parameters> {
    // Parameters differ by orders of magnitude: scale them so that the diagonal is 1.
    let scale = [0, 1, 2].map(|at| matrix[at][at].sqrt());
    if scale
        .iter()
        .any(|scale| !scale.is_finite() || *scale <= 0.0)
    {
        return None;
    }
    for row in 0..3 {
        side[row] /= scale[row];
        for column in 0..3 {
            matrix[row][column] /= scale[row] * scale[column];
        }
    }
    for pivot in 0..3 {
        let best = (pivot..3).max_by(|a, b| {
            let size = |row: usize| matrix[row][pivot].abs();
            size(*a).total_cmp(&size(*b))
        })?;
        matrix.swap(pivot, best);
        side.swap(pivot, best);
        if matrix[pivot][pivot].abs() < 1e-14 {
            return None;
        }
        for row in pivot + 1..3 {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let subtracted = matrix[pivot].map(|value| factor * value);
            for (value, subtracted) in matrix[row].iter_mut().zip(subtracted) {
                *value -= subtracted;
            }
            side[row] -= factor * side[pivot];
        }
    }
    let mut solution = [0.0; 3];
    for row in (0..3).rev() {
        let known: f64 = (row + 1..3).map(|at| matrix[row][at] * solution[at]).sum();
        solution[row] = (side[row] - known) / matrix[row][row];
    }
    let solution = [0, 1, 2].map(|at| solution[at] / scale[at]);
    solution
        .iter()
        .all(|value| value.is_finite())
        .then_some(solution)
}
