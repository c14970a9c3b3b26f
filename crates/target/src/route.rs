//! The pages of the shop, by the first segment of a path.

macro_rules! routes {
    ($($variant:ident $segment:literal),+ $(,)?) => {
        /// A page, or a family of pages that share their first segment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Route { $($variant),+ , Other }

        impl Route {
            /// How requests are filed: every route's first segment, and `other`.
            pub(crate) const NAMES: &[&str] = &[$(concat!("/", $segment)),+, "other"];

            fn of_segment(segment: &str) -> Self {
                match segment { $($segment => Self::$variant,)+ _ => Self::Other }
            }
        }
    };
}

routes! {
    Home "", Search "search", Login "login", Basket "basket", Checkout "checkout", Lounge "lounge",
    Recommend "recommend", Account "account", Redirect "redirect", Version "version", Health "healthz", Metrics "metrics",
    Null "null", Echo "echo", Bytes "bytes", Status "status", Gzip "gzip", Deflate "deflate", Brotli "br",
    Zstd "zstd", Slow "slow", Fault "fault", Behaviour "behaviour",
}

impl Route {
    /// The route of a path, and what follows its first segment, without the slash.
    pub(crate) fn of(path: &str) -> (Self, &str) {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (segment, rest) = path.split_once('/').unwrap_or((path, ""));
        (Self::of_segment(segment), rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_segment_decides() {
        assert_eq!(Route::of("/"), (Route::Home, ""));
        assert_eq!(Route::of("/bytes/100"), (Route::Bytes, "100"));
        assert_eq!(
            Route::of("/fault/close-after"),
            (Route::Fault, "close-after")
        );
        assert_eq!(Route::of("/searching"), (Route::Other, ""));
        assert_eq!(Route::of("*"), (Route::Other, ""));
    }

    #[test]
    fn names_follow_the_variants() {
        assert_eq!(Route::NAMES[Route::Search as usize], "/search");
        assert_eq!(Route::NAMES[Route::Other as usize], "other");
        assert_eq!(Route::NAMES.len(), Route::Other as usize + 1);
    }
}
