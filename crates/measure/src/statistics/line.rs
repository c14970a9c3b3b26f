//! The straight line through points.

use super::normal;

/// A line `y = intercept + slope · x` with the errors of both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// How much y rises with x.
    pub slope: f64,
    /// The standard deviation of the slope.
    pub slope_error: f64,
    /// y at x = 0.
    pub intercept: f64,
    /// The standard deviation of the intercept.
    pub intercept_error: f64,
    /// The standard deviation of points around the line.
    pub deviation: f64,
    /// How many points.
    pub n: usize,
}

/// The line of least squares through points (x, y). `None` for fewer than three points, if all have the
/// same x, or if one is not finite.
///
/// Source: Draper and Smith, "Applied Regression Analysis" (1998), chapter 1.
pub fn through(points: &[(f64, f64)]) -> Option<Line> {
    let n = points.len();
    if n < 3 {
        return None;
    }
    let count = n as f64;
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>();
    let (mean_x, mean_y) = (sum(&|p| p.0) / count, sum(&|p| p.1) / count);
    let spread = sum(&|p| (p.0 - mean_x).powi(2));
    if spread <= 0.0 {
        return None;
    }
    let slope = sum(&|p| (p.0 - mean_x) * (p.1 - mean_y)) / spread;
    let intercept = mean_y - slope * mean_x;
    let squares = sum(&|p| (p.1 - intercept - slope * p.0).powi(2));
    let deviation = (squares / (count - 2.0)).sqrt();
    let line = Line {
        slope,
        slope_error: deviation / spread.sqrt(),
        intercept,
        intercept_error: deviation * (1.0 / count + mean_x * mean_x / spread).sqrt(),
        deviation,
        n,
    };
    let is_usable = [slope, intercept, line.slope_error, line.intercept_error]
        .iter()
        .all(|value| value.is_finite());
    is_usable.then_some(line)
}

impl Line {
    /// y at x.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    /// Where the true slope lies, with an error of `alpha`, half of it on each side.
    pub fn slope_interval(&self, alpha: f64) -> (f64, f64) {
        self.around(self.slope, self.slope_error, alpha)
    }

    /// The same of the intercept.
    pub fn intercept_interval(&self, alpha: f64) -> (f64, f64) {
        self.around(self.intercept, self.intercept_error, alpha)
    }

    fn around(&self, value: f64, error: f64, alpha: f64) -> (f64, f64) {
        let t = normal::student_quantile(1.0 - alpha / 2.0, (self.n - 2) as f64);
        (value - t * error, value + t * error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: Anscombe, "Graphs in statistical analysis", The American Statistician 27 (1973), the
    /// first of four sets.
    const ANSCOMBE: [(f64, f64); 11] = [
        (10.0, 8.04),
        (8.0, 6.95),
        (13.0, 7.58),
        (9.0, 8.81),
        (11.0, 8.33),
        (14.0, 9.96),
        (6.0, 7.24),
        (4.0, 4.26),
        (12.0, 10.84),
        (7.0, 4.82),
        (5.0, 5.68),
    ];

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
    }

    #[test]
    fn the_line_is_that_of_anscombe() {
        let line = through(&ANSCOMBE).unwrap();
        close(line.slope, 0.500_090_9);
        close(line.intercept, 3.000_090_9);
        close(line.slope_error, 0.117_905_5);
        close(line.intercept_error, 1.124_746_8);
        let (lower, upper) = line.slope_interval(0.05);
        close(lower, 0.233_370_1);
        close(upper, 0.766_811_7);
        let (lower, upper) = line.intercept_interval(0.05);
        close(lower, 0.455_736_9);
        close(upper, 5.544_444_9);
        close(line.at(10.0), 8.001);
    }

    #[test]
    fn through_too_few_points_there_is_no_line() {
        assert_eq!(through(&ANSCOMBE[..2]), None);
        assert_eq!(through(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(through(&[(1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0)]), None);
    }
}
