//! What went over the wire, in words: for the single traced pass of `try`, and for the examples of
//! failures. Everything is masked before it leaves this module.

use crate::answer::{Answer, EXCERPT};
use crate::attempt::Failure;
use crate::clock::Clock;
use crate::compiled::Compiled;
use crate::dispatch;
use crate::error::EngineError;
use crate::journey;
use crate::message::{Message, url_of};
use crate::recorder::Recorder;
use crate::rules::Rules;
use crate::shared::Shared;
use crate::step::StepRun;
use crate::timer::TimerMode;
use crate::worker::{Endpoint, Worker};
use http::Version;
use plimsoll_measure::{Outcome, Phases};
use plimsoll_scenario::{Masker, Scenario};
use std::borrow::Cow;
use std::fmt::Write;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc;

/// How much of a body a trace shows.
pub(crate) const BODY: usize = 64 * 1024;

/// So many bytes after a cut are looked at too, and not shown, so that nothing that is to be hidden stands half
/// before it.
const MARGIN: usize = 4 * 1024;

/// One request of a traced pass, masked.
#[derive(Debug, Clone)]
pub struct TracedExchange {
    /// The journey.
    pub journey: String,
    /// The step.
    pub step: String,
    /// Request line, headers, body.
    pub request: String,
    /// Status line, headers, body of the last response; empty where nothing came.
    pub response: String,
    /// The phases.
    pub phases: Phases,
    /// From the intended start to the last byte, in nanoseconds.
    pub response_ns: u64,
    /// Values that were saved: name and masked value.
    pub saved: Vec<(String, String)>,
    /// What was wrong, if anything.
    pub failure: Option<String>,
}

/// How a traced pass went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    /// Journeys that were begun.
    pub journeys: usize,
    /// Whether every expectation held.
    pub passed: bool,
}

/// A request as it was sent.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) endpoint: Rc<Endpoint>,
    pub(crate) message: Rc<Message>,
}

/// What a message is put into words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be seen by whoever tries a scenario out.
    Trace,
    /// To be kept as the example of a failure, with many others.
    Example,
}

impl Purpose {
    /// The most bytes of its head, and of its body.
    fn limit(self) -> usize {
        match self {
            Self::Trace => BODY,
            Self::Example => EXCERPT,
        }
    }

    fn mask(self, step: &StepRun<'_>, text: &str) -> String {
        match self {
            Self::Trace => mask(step, text),
            Self::Example => mask_personal(step, text),
        }
    }
}

/// Masks secrets and the captured values whose names say that they are credentials.
fn mask(step: &StepRun<'_>, text: &str) -> String {
    let scenario = &step.worker.compiled().scenario;
    let slots = &step.user.variables.borrow().slots;
    let captured: Vec<String> = step.worker.compiled().journeys[step.journey]
        .credentials
        .iter()
        .filter_map(|&slot| Some(slots.get(slot)?.as_ref()?.to_string()))
        .collect();
    let captured: Vec<&str> = captured.iter().map(String::as_str).collect();
    scenario.secrets.mask_with(text, &captured).into_owned()
}

/// Values this short are in every text, and say little about anybody.
const SHORTEST_PERSONAL: usize = 5;

/// The same without what is somebody's: the values of the user's data rows and all that was captured. For
/// what is kept; who tries a scenario out wants to see them.
fn mask_personal(step: &StepRun<'_>, text: &str) -> String {
    let text = mask(step, text);
    let variables = step.user.variables.borrow();
    let rows = variables.rows.iter().flatten().flat_map(|row| row.iter());
    let captured = variables.slots.iter().flatten();
    let values: Vec<String> = rows
        .chain(captured)
        .map(ToString::to_string)
        .filter(|value| value.len() >= SHORTEST_PERSONAL)
        .collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    Masker::default().mask_with(&text, &values).into_owned()
}

fn headers_text<'a>(
    step: &StepRun<'_>,
    headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    out: &mut String,
) {
    let secrets = &step.worker.compiled().scenario.secrets;
    for (name, value) in headers {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let value = String::from_utf8_lossy(value);
        let _ = writeln!(out, "{name}: {}", secrets.header(&name, &value));
    }
}

/// Where to cut a text of which `most` bytes may be shown.
fn boundary(text: &str, most: usize) -> usize {
    let mut places = (0..=most.min(text.len())).rev();
    places.find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// A head or another text whose end is of no more use.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let at = boundary(&text, limit);
        let more = text.len() - at;
        text.truncate(at);
        let _ = write!(text, "\n(and {more} bytes more)\n");
    }
    text
}

fn body_text(step: &StepRun<'_>, body: &[u8], purpose: Purpose, out: &mut String) {
    let limit = purpose.limit();
    let seen = &body[..body.len().min(limit + MARGIN)];
    let text = match std::str::from_utf8(seen) {
        Ok(text) => Cow::Borrowed(text),
        // The end of what is looked at may fall inside a character.
        Err(error) if error.valid_up_to() + 4 > seen.len() => String::from_utf8_lossy(seen),
        Err(_) => {
            let _ = write!(out, "\n({} bytes that are not text)", body.len());
            return;
        }
    };
    let secrets = &step.worker.compiled().scenario.secrets;
    let text = purpose.mask(step, &secrets.mask_body(&text));
    let most = if seen.len() < body.len() {
        limit.min(text.len().saturating_sub(MARGIN))
    } else {
        limit
    };
    let shown = &text[..boundary(&text, most)];
    let _ = write!(out, "\n{shown}");
    if seen.len() < body.len() || shown.len() < text.len() {
        let more = body.len().max(text.len()) - shown.len();
        let _ = write!(out, "\n(and {more} bytes more)");
    }
}

/// Head and body, masked and then cut.
fn message_text(step: &StepRun<'_>, head: &str, body: &[u8], purpose: Purpose) -> String {
    let mut text = cut(purpose.mask(step, head), purpose.limit());
    if !body.is_empty() {
        body_text(step, body, purpose, &mut text);
    }
    text
}

/// What was wrong, as it is kept with an example.
pub(crate) fn finding_text(step: &StepRun<'_>, failure: &Failure) -> String {
    cut(mask_personal(step, &failure.text), EXCERPT)
}

/// The request in words.
pub(crate) fn request_text(step: &StepRun<'_>, sent: &Sent, purpose: Purpose) -> String {
    let Sent { endpoint, message } = sent;
    let version = if endpoint.route.is_http2() {
        "HTTP/2"
    } else {
        "HTTP/1.1"
    };
    let url = url_of(endpoint, message)
        .map(String::from)
        .unwrap_or_default();
    let mut text = format!("{} {url} {version}\n", message.method);
    let headers = message.sent_headers();
    let headers = headers.map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()));
    headers_text(step, headers, &mut text);
    message_text(step, &text, &message.body, purpose)
}

/// The response in words. What it held is masked once it was judged and captured.
pub(crate) fn response_text(step: &StepRun<'_>, answer: &Answer, purpose: Purpose) -> String {
    let version = match answer.version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let mut text = format!("{version} {}\n", answer.status);
    headers_text(step, answer.headers(), &mut text);
    message_text(step, &text, answer.body(), purpose)
}

/// Passes a traced request on.
pub(crate) fn report(
    step: &StepRun<'_>,
    sent: Option<&Sent>,
    answer: Option<&Answer>,
    phases: Phases,
    end: u64,
    verdict: &Result<(), Failure>,
) {
    let Some(trace) = &step.worker.trace else {
        return;
    };
    let scenario = &step.worker.compiled().scenario;
    let variables = step.user.variables.borrow();
    let saved = step.request.save.iter().filter_map(|capture| {
        let value = variables.slots.get(capture.slot)?.as_ref()?;
        let shown = if Masker::is_credential(&capture.name) {
            "***".to_owned()
        } else {
            scenario.secrets.mask(&value.to_string()).into_owned()
        };
        Some((capture.name.clone(), shown))
    });
    let saved = saved.collect();
    drop(variables);
    let _ = trace.send(TracedExchange {
        journey: scenario.journeys[step.journey].name.clone(),
        step: step.request.name.clone(),
        request: sent
            .map(|sent| request_text(step, sent, Purpose::Trace))
            .unwrap_or_default(),
        response: answer
            .map(|answer| response_text(step, answer, Purpose::Trace))
            .unwrap_or_default(),
        phases,
        response_ns: end.saturating_sub(step.intended),
        saved,
        failure: verdict
            .as_ref()
            .err()
            .map(|failure| format!("{}: {}", failure.kind.name(), mask(step, &failure.text))),
    });
}

/// Runs every journey once, one after the other, and stops at the first failure. `seen` is called
/// for each request as soon as it is over.
///
/// # Errors
/// When the pass cannot be started.
pub fn try_journeys(
    scenario: Arc<Scenario>,
    demo: Option<SocketAddr>,
    seed: u64,
    seen: impl FnMut(TracedExchange),
) -> Result<Trace, EngineError> {
    let passed = trace(scenario, demo, seed, Stamina::FirstFailure, seen)?;
    Ok(Trace {
        journeys: passed.len(),
        passed: passed.iter().all(|passed| *passed),
    })
}

/// Runs every journey once, whatever becomes of the others, and says for each whether all that it
/// expects held. `seen` is called for each request as soon as it is over.
///
/// # Errors
/// When the pass cannot be started.
pub fn try_each_journey(
    scenario: Arc<Scenario>,
    demo: Option<SocketAddr>,
    seed: u64,
    seen: impl FnMut(TracedExchange),
) -> Result<Vec<bool>, EngineError> {
    trace(scenario, demo, seed, Stamina::ToTheEnd, seen)
}

/// How far a pass goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stamina {
    FirstFailure,
    ToTheEnd,
}

fn trace(
    scenario: Arc<Scenario>,
    demo: Option<SocketAddr>,
    seed: u64,
    stamina: Stamina,
    mut seen: impl FnMut(TracedExchange),
) -> Result<Vec<bool>, EngineError> {
    let rules = Rules::of(&scenario);
    let compiled = Compiled::compile(scenario, demo)?;
    let (events, _unheard) = mpsc::channel();
    let (traces, traced) = mpsc::channel();
    let shared = Shared::new(Clock::starting_in(0), compiled, seed, None, rules, events);
    std::thread::scope(|scope| {
        let pass = scope.spawn(move || pass(shared, traces, stamina));
        for exchange in traced {
            seen(exchange);
        }
        pass.join()
            .unwrap_or_else(|_| Err(EngineError::Worker("it panicked".into())))
    })
}

/// Which of the journeys that were run held all that they expect.
fn pass(
    shared: Arc<Shared>,
    traces: mpsc::Sender<TracedExchange>,
    stamina: Stamina,
) -> Result<Vec<bool>, EngineError> {
    let runtime = crate::run::local_runtime(TimerMode::default())?;
    let passed = runtime.block_on(async {
        let (batches, _unread) = mpsc::channel();
        let (_none, spare) = mpsc::channel();
        let series = shared.compiled.catalogue.len();
        let recorder = Recorder::new(0, series, batches, spare);
        let worker = Worker::new(
            shared.clone(),
            recorder,
            1,
            TimerMode::default(),
            Some(traces),
        )?;
        worker.spawn_services();
        let journeys = shared.compiled.scenario.journeys.len();
        let mut passed = Vec::new();
        for journey in 0..journeys {
            // A feed without a row is no failure of the service.
            let Some(user) = dispatch::new_user(&shared, journey, journey as u64, |_| 0) else {
                passed.push(true);
                continue;
            };
            let now = worker.clock.now();
            let outcome = journey::run(&worker, &user, journey, now).await;
            passed.push(outcome == Outcome::Ok);
            if outcome != Outcome::Ok && stamina == Stamina::FirstFailure {
                break;
            }
            dispatch::leave(&shared, user);
        }
        Ok(passed)
    });
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    passed
}
