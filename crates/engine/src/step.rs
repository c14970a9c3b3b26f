//! A step: one request with its redirects, from its intended time to its sample.

use crate::answer::{Answer, EXCERPT, Hold, MAX_BODY};
use crate::attempt::{Failure, Progress, Stage};
use crate::compiled::CompiledRequest;
use crate::decode::decode;
use crate::exchange::{Exchanged, exchange};
use crate::message::{Message, url_of};
use crate::pool::Way;
use crate::recorder::Example;
use crate::redirect;
use crate::trace::{self, Purpose, Sent};
use crate::user::User;
use crate::worker::{Endpoint, Worker};
use http::header;
use plimsoll_measure::{ErrorKind, Outcome, Phases, Sample, Series};
use plimsoll_scenario::{Finding, FindingKind, Request, ResponseView};
use std::borrow::Cow;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use url::Url;

/// How a step ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepEnd {
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    pub(crate) error: Option<ErrorKind>,
}

/// Everything a step needs to know.
pub(crate) struct StepRun<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) user: &'a User,
    pub(crate) journey: usize,
    pub(crate) request: &'a Request,
    pub(crate) intended: u64,
    /// How often the innermost `repeat` has been gone through.
    pub(crate) round: u64,
}

/// A request that has been asked for and has not ended. Dropped before its end (the run was over),
/// it is filed as in flight, so that the ledger balances whatever happens.
struct Open<'a> {
    worker: &'a Worker,
    series: Series,
    intended: u64,
    client: Option<u32>,
    retries: u8,
    settled: bool,
}

impl<'a> Open<'a> {
    fn begin(worker: &'a Worker, series: Series, intended: u64, client: Option<u32>) -> Self {
        worker.recorder.intend(series, intended);
        worker.recorder.enter();
        Self {
            worker,
            series,
            intended,
            client,
            retries: 0,
            settled: false,
        }
    }

    fn settle(mut self, sample: Sample) {
        self.settled = true;
        self.worker.recorder.leave();
        self.worker.recorder.record(sample);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.worker.recorder.leave();
            self.worker.recorder.record(Sample {
                series: self.series,
                outcome: Outcome::InFlight,
                error: None,
                status: 0,
                intended: self.intended,
                end: self.worker.clock.now(),
                thinking: 0,
                phases: Phases::default(),
                body_bytes: 0,
                client: self.client,
                retries: self.retries,
            });
        }
    }
}

/// What is known of a step when it ends, for its sample and, if it failed, its example.
#[derive(Default)]
struct Record {
    sent: Option<Sent>,
    /// The last response.
    answer: Option<Answer>,
    body_bytes: u64,
    phases: Phases,
}

impl Record {
    fn status(&self) -> u16 {
        self.answer
            .as_ref()
            .map_or(0, |answer| answer.status.as_u16())
    }
}

impl StepRun<'_> {
    /// Sends the request, judges the response, files the sample.
    pub(crate) async fn run(&self) -> StepEnd {
        let compiled = &self.worker.compiled().journeys[self.journey].requests[self.request.index];
        let client = self.user.persistent_client();
        let mut open = Open::begin(self.worker, compiled.series, self.intended, client);
        let dispatched = self.worker.clock.now();
        let progress = Progress::default();
        progress.note(|phases| phases.dispatched = Some(dispatched));
        let record = RefCell::new(Record::default());

        let timeout = nanoseconds(self.request.timeout);
        let mut deadline = dispatched.saturating_add(timeout);
        let verdict = loop {
            progress.limit(deadline);
            let limited = {
                // Gone when its time is over: it keeps no connection during a pause.
                let attempt = pin!(self.attempt(compiled, &progress, &record));
                self.worker.deadlines.limit(deadline, attempt).await
            };
            let verdict = limited.unwrap_or_else(|| Err(self.timed_out(progress.stage())));
            let status = record.borrow().status();
            if open.retries >= self.request.retry.times || !is_worth_a_retry(&verdict, status) {
                break verdict;
            }
            open.retries += 1;
            self.pause().await;
            let now = self.worker.clock.now();
            deadline = now.saturating_add(timeout);
            record.replace(Record::default());
            progress.begin_again(dispatched, now);
        };
        let mut record = record.into_inner();
        // What is received and then found wrong ended when it was received.
        let end = match (&record.answer, &verdict) {
            (Some(answer), verdict) if ended_with_answer(verdict) => answer.end,
            _ => self.worker.clock.now(),
        };
        if record.phases == Phases::default() {
            record.phases = progress.phases();
        }
        let (outcome, error) = self.outcome(&verdict, &record, end);
        if let Err(failure) = &verdict
            && outcome != Outcome::Shed
        {
            self.exemplify(compiled.series, failure, &record, end);
        }
        if self.worker.trace.is_some() {
            let (sent, answer) = (record.sent.as_ref(), record.answer.as_ref());
            trace::report(self, sent, answer, record.phases, end, &verdict);
        }
        let retries = open.retries;
        open.settle(Sample {
            series: compiled.series,
            outcome,
            error,
            status: record.status(),
            intended: self.intended,
            end,
            thinking: 0,
            phases: record.phases,
            body_bytes: record.body_bytes,
            client,
            retries,
        });
        StepEnd {
            end,
            outcome,
            error,
        }
    }

    /// Waits before another attempt.
    async fn pause(&self) {
        let pause = nanoseconds(self.request.retry.pause);
        if pause > 0 {
            let until = self.worker.clock.now().saturating_add(pause);
            self.worker.timers.sleep_until(until).await;
        }
    }

    fn timed_out(&self, stage: Stage) -> Failure {
        let limit = Duration::as_millis(&self.request.timeout);
        match stage {
            Stage::Connecting => Failure::new(
                ErrorKind::ConnectTimeout,
                format!("no connection within the timeout of {limit} ms"),
            ),
            Stage::Waiting => Failure::new(
                ErrorKind::Timeout,
                format!("no free connection within the timeout of {limit} ms"),
            ),
            Stage::Answer => Failure::new(
                ErrorKind::Timeout,
                format!("no complete response within the timeout of {limit} ms"),
            ),
        }
    }

    fn outcome(
        &self,
        verdict: &Result<(), Failure>,
        record: &Record,
        end: u64,
    ) -> (Outcome, Option<ErrorKind>) {
        let Err(failure) = verdict else {
            return (Outcome::Ok, None);
        };
        let shed = &self.worker.shared.rules.shed;
        let sent = record.phases.first_byte_written.unwrap_or(self.intended);
        let quick = u128::from(end.saturating_sub(sent)) <= shed.within.as_nanos();
        match failure.kind {
            ErrorKind::Timeout | ErrorKind::ConnectTimeout => {
                (Outcome::Timeout, Some(failure.kind))
            }
            ErrorKind::Status
                if quick
                    && shed.statuses.contains(&record.status())
                    && self.is_marked_refusal(record) =>
            {
                (Outcome::Shed, None)
            }
            kind => (Outcome::Failed, Some(kind)),
        }
    }

    fn exemplify(&self, series: Series, failure: &Failure, record: &Record, end: u64) {
        let request = |sent: &Sent| trace::request_text(self, sent, Purpose::Example);
        let response = |answer: &Answer| trace::response_text(self, answer, Purpose::Example);
        self.worker
            .recorder
            .exemplify(series, failure.kind, || Example {
                series,
                kind: failure.kind,
                at_ns: end,
                status: record.status(),
                text: trace::finding_text(self, failure),
                request: record.sent.as_ref().map(request).unwrap_or_default(),
                response: record.answer.as_ref().map(response).unwrap_or_default(),
            });
    }

    async fn attempt(
        &self,
        compiled: &CompiledRequest,
        progress: &Progress,
        record: &RefCell<Record>,
    ) -> Result<(), Failure> {
        let (mut endpoint, mut message) = self.render(compiled)?;
        let mut hop = 0;
        let mut hop_intended = progress.began_again().unwrap_or(self.intended);
        loop {
            message = self.with_cookies(&endpoint, message);
            record.borrow_mut().sent = Some(Sent {
                endpoint: endpoint.clone(),
                message: message.clone(),
            });
            let answer = self.send(&endpoint, &message, progress).await?;
            let end = answer.end;
            self.count_build(&endpoint, &answer);
            if answer.sets_cookies()
                && let Some(url) = url_of(&endpoint, &message)
            {
                let cookies = answer.all(&header::SET_COOKIE);
                self.user.jar.borrow_mut().store(cookies, &url);
            }
            let follows = self.request.redirects > 0 && redirect::is_redirect(answer.status);
            if !compiled.hops.is_empty() && (hop > 0 || follows) {
                self.file_hop(compiled, hop, hop_intended, &answer, progress.phases());
            }
            let mut record = record.borrow_mut();
            record.body_bytes += answer.body_bytes;
            if hop == 0 {
                record.phases = progress.phases();
            }
            let answer = record.answer.insert(answer);
            if !follows {
                return self.judge(answer, || url_of(&endpoint, &message));
            }
            if hop >= usize::from(self.request.redirects) {
                return Err(Failure::new(
                    ErrorKind::Redirect,
                    format!("more than {} redirects", self.request.redirects),
                ));
            }
            (endpoint, message) = self.redirected(&endpoint, &message, answer)?;
            hop += 1;
            hop_intended = end;
            // The phases of the first hop, which are the step's, are in the record.
            progress.next_hop(end);
        }
    }

    /// Whether the last response carries what a refusal on purpose has to carry.
    fn is_marked_refusal(&self, record: &Record) -> bool {
        let header = self.worker.shared.rules.shed_header.as_ref();
        header.is_none_or(|name| {
            let answer = record.answer.as_ref();
            answer.is_some_and(|answer| answer.header(name).is_some())
        })
    }

    fn count_build(&self, endpoint: &Endpoint, answer: &Answer) {
        let headers = &self.worker.shared.rules.release_headers;
        for (header, name) in headers.iter().enumerate() {
            let value = answer.header(name);
            self.worker
                .recorder
                .serve(header, endpoint.target, value, answer.end);
        }
    }

    fn file_hop(
        &self,
        compiled: &CompiledRequest,
        hop: usize,
        intended: u64,
        answer: &Answer,
        phases: Phases,
    ) {
        let Some(&series) = compiled.hops.get(hop) else {
            return;
        };
        let is_refused = answer.status.as_u16() >= 400;
        self.worker.recorder.record(Sample {
            series,
            outcome: if is_refused {
                Outcome::Failed
            } else {
                Outcome::Ok
            },
            error: is_refused.then_some(ErrorKind::Status),
            status: answer.status.as_u16(),
            intended,
            end: answer.end,
            thinking: 0,
            phases,
            body_bytes: answer.body_bytes,
            client: self.user.persistent_client(),
            retries: 0,
        });
    }

    async fn send(
        &self,
        endpoint: &Rc<Endpoint>,
        message: &Message,
        progress: &Progress,
    ) -> Result<Answer, Failure> {
        let worker = self.worker;
        let hold = if self.request.looks_at_body() {
            Hold::Whole(MAX_BODY)
        } else if worker.trace.is_some() {
            Hold::Excerpt(trace::BODY)
        } else {
            Hold::Excerpt(EXCERPT)
        };
        let pool = endpoint.pool(self.user);
        loop {
            let (route, clock) = (&endpoint.route, worker.clock);
            let way = Way {
                route,
                resolver: &worker.resolver,
                means: &worker.means,
                clock,
            };
            let mut lease = pool.lease(way, progress).await?;
            let sent = exchange(&mut lease, route, message, hold, clock, progress).await?;
            match sent {
                Exchanged::Answer(answer) => return Ok(answer),
                // It was closed while it was idle. Nothing was sent, so nothing is sent twice; each
                // such connection is gone from the pool, so this ends.
                Exchanged::NotSent => {}
            }
        }
    }

    fn judge(&self, answer: &Answer, url: impl Fn() -> Option<Url>) -> Result<(), Failure> {
        // Of a response with another status than is expected nothing else is asked, and what a proxy says in place of
        // the service need not be encoded as it claims.
        let is_expected = self.request.expect.accepts(answer.status.as_u16());
        let body = if is_expected && self.request.looks_at_body() {
            decode(
                answer.all(&header::CONTENT_ENCODING),
                answer.body(),
                MAX_BODY,
            )
            .map_err(|problem| Failure::new(ErrorKind::Decode, problem))?
        } else {
            Cow::Borrowed(&[][..])
        };
        let jar = self.user.jar.borrow();
        let view = ResponseView {
            status: answer.status.as_u16(),
            header: &|name| answer.header(name),
            body: &body,
            body_bytes: answer.body_bytes,
            response_ns: answer.end.saturating_sub(self.intended),
            cookie: &|name| jar.get(name, url().as_ref()),
        };
        let mut variables = self.user.variables.borrow_mut();
        variables.repeat = self.round;
        self.request
            .examine(&view, &mut variables)
            .map_err(|Finding { kind, text }| {
                let kind = match kind {
                    FindingKind::Status => ErrorKind::Status,
                    FindingKind::Expectation => ErrorKind::Expectation,
                    FindingKind::Capture => ErrorKind::Capture,
                };
                Failure::new(kind, text)
            })
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether a request was over when its last response had come, whatever was found wrong with it then.
fn ended_with_answer(verdict: &Result<(), Failure>) -> bool {
    match verdict {
        Ok(()) => true,
        Err(failure) => failure.kind.has_response(),
    }
}

/// Whether trying again may help: nothing came back, or a status that says so.
fn is_worth_a_retry(verdict: &Result<(), Failure>, status: u16) -> bool {
    let Err(failure) = verdict else { return false };
    match failure.kind {
        ErrorKind::Status => matches!(status, 429 | 500 | 502 | 503 | 504),
        ErrorKind::Timeout
        | ErrorKind::ConnectRefused
        | ErrorKind::ConnectTimeout
        | ErrorKind::ConnectReset
        | ErrorKind::ConnectFailed
        | ErrorKind::Reset
        | ErrorKind::BodyTruncated => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
