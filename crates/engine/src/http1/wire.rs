//! A request's head as it goes over the wire (RFC 9112 §3, §5).

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// Writes request line and headers. `host` stands for whatever the headers say of it; `body_bytes` is the length of
/// the body, of which nobody else says anything.
pub(crate) fn head<'h>(
    method: &Method,
    path: &PathAndQuery,
    host: &[u8],
    headers: impl Iterator<Item = (&'h HeaderName, &'h HeaderValue)>,
    body_bytes: usize,
) -> Bytes {
    let mut out = Vec::with_capacity(256);
    for part in [method.as_str(), " ", path.as_str(), " HTTP/1.1\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    // First of all, as RFC 9110 §7.2 recommends.
    write(&header::HOST, host, &mut out);
    for (name, value) in headers {
        if *name != header::HOST {
            write(name, value.as_bytes(), &mut out);
        }
    }
    // An empty body has a length where a body is usual (RFC 9110 §8.6).
    let expects_body = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    if body_bytes > 0 || expects_body {
        let length = body_bytes.to_string();
        write(&header::CONTENT_LENGTH, length.as_bytes(), &mut out);
    }
    out.extend_from_slice(b"\r\n");
    out.into()
}

/// Whether a request asks the server to close the connection (RFC 9110 §7.6.1).
pub(crate) fn closes(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONNECTION).iter().any(|value| {
        let mut options = value.as_bytes().split(|byte| *byte == b',');
        options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
    })
}

fn write(name: &HeaderName, value: &[u8], out: &mut Vec<u8>) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_names_the_host_first_and_the_length_last() {
        let mut headers = HeaderMap::new();
        headers.append("accept", "*/*".parse().unwrap());
        headers.append("x", "1".parse().unwrap());
        headers.append("x", "2".parse().unwrap());
        let path = PathAndQuery::from_static("/a?b=1");
        let written = |method: Method, headers: &HeaderMap, body_bytes| {
            let host = headers
                .get("host")
                .map_or(&b"shop.example:8080"[..], HeaderValue::as_bytes);
            let head = head(&method, &path, host, headers.iter(), body_bytes);
            String::from_utf8(head.to_vec()).unwrap()
        };
        assert_eq!(
            written(Method::GET, &headers, 0),
            "GET /a?b=1 HTTP/1.1\r\nhost: shop.example:8080\r\naccept: */*\r\nx: 1\r\nx: 2\r\n\r\n"
        );
        headers.clear();
        headers.insert("host", "given.example".parse().unwrap());
        assert_eq!(
            written(Method::POST, &headers, 0),
            "POST /a?b=1 HTTP/1.1\r\nhost: given.example\r\ncontent-length: 0\r\n\r\n"
        );
        assert_eq!(
            written(Method::DELETE, &headers, 12),
            "DELETE /a?b=1 HTTP/1.1\r\nhost: given.example\r\ncontent-length: 12\r\n\r\n"
        );
    }
}
