//! HTTP/2 with prior knowledge.

use crate::client::demo;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use plimsoll_target::Demo;
use std::future::Future;
use tokio::net::TcpStream;

type Sender = SendRequest<Empty<Bytes>>;

fn on_connection<F: Future>(demo: &Demo, run: impl FnOnce(Sender) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let stream = TcpStream::connect(demo.address())
            .await
            .expect("it listens");
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("a handshake");
        tokio::spawn(connection);
        run(sender).await
    })
}

async fn get(sender: &mut Sender, path: &str) -> hyper::Result<Response<Incoming>> {
    let request = Request::get(format!("http://demo{path}"))
        .body(Empty::new())
        .expect("a request");
    sender.ready().await?;
    sender.send_request(request).await
}

#[test]
fn many_streams_share_a_connection() {
    let demo = demo(r#"{"latency":["5ms"]}"#);
    on_connection(&demo, |sender| async move {
        let asked: Vec<_> = (0..100)
            .map(|_| {
                let mut sender = sender.clone();
                tokio::spawn(async move { get(&mut sender, "/search?to=ROM").await })
            })
            .collect();
        for answer in asked {
            let answer = answer.await.expect("a task").expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK);
            assert!(
                answer
                    .into_body()
                    .collect()
                    .await
                    .expect("a body")
                    .to_bytes()
                    .starts_with(b"{\"flights\"")
            );
        }
    });
    let counts = demo.stop();
    assert_eq!((counts.connections, counts.requests), (1, 100));
}

#[test]
fn a_truncated_answer_resets_its_stream_alone() {
    let demo = demo("{}");
    on_connection(&demo, |mut sender| async move {
        for fault in ["truncated", "truncated-chunked"] {
            let answer = get(&mut sender, &format!("/fault/{fault}"))
                .await
                .expect("a head");
            answer.into_body().collect().await.expect_err("a reset");
            assert_eq!(
                get(&mut sender, "/null").await.expect("an answer").status(),
                200
            );
        }
    });
}

#[test]
fn faults_below_http_end_the_connection() {
    let demo = demo("{}");
    for fault in ["reset", "close", "half-close", "garbage"] {
        on_connection(&demo, |mut sender| async move {
            assert_eq!(
                get(&mut sender, "/null").await.expect("an answer").status(),
                200
            );
            get(&mut sender, &format!("/fault/{fault}"))
                .await
                .expect_err(fault);
            get(&mut sender, "/null")
                .await
                .expect_err("the connection has ended");
        });
    }
    assert_eq!(demo.counts().faults, 4);
}

#[test]
fn too_many_headers_are_an_error_of_the_stream() {
    let demo = demo("{}");
    on_connection(&demo, |mut sender| async move {
        get(&mut sender, "/fault/endless-headers")
            .await
            .expect_err("more than a client takes");
    });
}
