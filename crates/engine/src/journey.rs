//! A user's way through a journey: step after step, until the end or the first failure.

use crate::step::StepRun;
use crate::user::User;
use crate::worker::Worker;
use plimsoll_measure::{ErrorKind, Outcome, Phases, Sample, Series};
use plimsoll_scenario::Step;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::Poll;

/// Where a branch of a journey is.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    /// When the next step should start.
    at: u64,
    /// When the last request ended.
    end: u64,
    /// Think times so far.
    thinking: u64,
    /// Those before the last request ended: what its end has in it.
    thought: u64,
    /// How often the innermost `repeat` has been gone through.
    round: u64,
    /// The first thing that went wrong.
    failed: Option<(Outcome, Option<ErrorKind>)>,
}

type Flow = ControlFlow<()>;

/// A journey that has begun; dropped before its end it is filed as in flight.
struct Open<'a> {
    worker: &'a Worker,
    series: Series,
    intended: u64,
    client: Option<u32>,
    ended: bool,
}

impl<'a> Open<'a> {
    fn begin(worker: &'a Worker, user: &User, journey: usize, intended: u64) -> Self {
        let series = worker.compiled().journeys[journey].series;
        worker.recorder.intend(series, intended);
        Self {
            worker,
            series,
            intended,
            client: user.persistent_client(),
            ended: false,
        }
    }

    fn blank(&self) -> Sample {
        Sample {
            client: self.client,
            ..blank(self.series, self.intended)
        }
    }

    /// Files how it ended.
    fn end(mut self, cursor: &Cursor) -> Outcome {
        self.ended = true;
        let (outcome, error) = cursor.failed.unwrap_or((Outcome::Ok, None));
        self.worker.recorder.record(Sample {
            outcome,
            error,
            end: cursor.end,
            thinking: cursor.thought,
            ..self.blank()
        });
        outcome
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.worker.recorder.record(Sample {
                end: self.worker.clock.now(),
                ..self.blank()
            });
        }
    }
}

/// Runs a journey whose first step should start at `intended`, and says how it ended.
pub(crate) async fn run(worker: &Worker, user: &User, journey: usize, intended: u64) -> Outcome {
    let open = Open::begin(worker, user, journey, intended);
    let mut cursor = Cursor {
        at: intended,
        end: intended,
        thinking: 0,
        thought: 0,
        round: 0,
        failed: None,
    };
    let steps = &worker.compiled().scenario.journeys[journey].steps;
    let walk = Walk {
        worker,
        user,
        journey,
    };
    let _ = walk.steps(steps, &mut cursor).await;
    open.end(&cursor)
}

fn blank(series: Series, intended: u64) -> Sample {
    Sample {
        series,
        outcome: Outcome::InFlight,
        error: None,
        status: 0,
        intended,
        end: intended,
        thinking: 0,
        phases: Phases::default(),
        body_bytes: 0,
        client: None,
        retries: 0,
    }
}

/// Files an arrival that was given up before anything of it was sent: the journey, and the request
/// that it would have begun with. Says whether a batch was full, and is on its way.
pub(crate) fn drop_arrival(
    worker: &Worker,
    journey: usize,
    intended: u64,
    reason: ErrorKind,
) -> bool {
    let compiled = &worker.compiled().journeys[journey];
    let first = compiled.requests.first().map(|request| request.series);
    let mut is_full = false;
    for series in std::iter::once(compiled.series).chain(first) {
        worker.recorder.intend(series, intended);
        is_full |= worker.recorder.record(Sample {
            outcome: Outcome::Dropped,
            error: Some(reason),
            end: worker.clock.now().max(intended),
            ..blank(series, intended)
        });
    }
    is_full
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    worker: &'a Worker,
    user: &'a User,
    journey: usize,
}

impl<'a> Walk<'a> {
    async fn steps(self, steps: &'a [Step], cursor: &mut Cursor) -> Flow {
        for step in steps {
            self.step(step, cursor).await?;
        }
        Flow::Continue(())
    }

    /// Boxed, because steps contain steps.
    fn nested<'c>(
        self,
        steps: &'a [Step],
        cursor: &'c mut Cursor,
    ) -> Pin<Box<dyn Future<Output = Flow> + 'c>>
    where
        'a: 'c,
    {
        Box::pin(self.steps(steps, cursor))
    }

    async fn step(self, step: &'a Step, cursor: &mut Cursor) -> Flow {
        match step {
            Step::Request(request) => {
                let run = StepRun {
                    worker: self.worker,
                    user: self.user,
                    journey: self.journey,
                    request,
                    intended: cursor.at,
                    round: cursor.round,
                };
                // Boxed, so that a user who thinks does not keep the room that a request needs.
                let ended = Box::pin(run.run()).await;
                cursor.at = ended.end;
                cursor.end = ended.end;
                cursor.thought = cursor.thinking;
                if ended.outcome != Outcome::Ok {
                    cursor.failed = Some((ended.outcome, ended.error));
                    return Flow::Break(());
                }
                Flow::Continue(())
            }
            Step::Think(think) => {
                let pause = self.user.think(*think);
                cursor.thinking += pause;
                cursor.at += pause;
                self.worker.timers.sleep_until(cursor.at).await;
                Flow::Continue(())
            }
            Step::If {
                condition,
                then,
                otherwise,
            } => match self.user.holds(condition, cursor.round) {
                Ok(true) => self.nested(then, cursor).await,
                Ok(false) => self.nested(otherwise, cursor).await,
                Err(_) => self.fail_template(cursor),
            },
            Step::Repeat {
                times,
                while_,
                steps,
            } => Box::pin(self.repeat(*times, while_.as_ref(), steps, cursor)).await,
            Step::Group { steps, .. } => self.nested(steps, cursor).await,
            Step::Parallel { branches } => Box::pin(self.parallel(branches, cursor)).await,
        }
    }

    fn fail_template(self, cursor: &mut Cursor) -> Flow {
        cursor.failed = Some((Outcome::Failed, Some(ErrorKind::Template)));
        Flow::Break(())
    }

    async fn repeat(
        self,
        times: u64,
        while_: Option<&'a plimsoll_scenario::Condition>,
        steps: &'a [Step],
        cursor: &mut Cursor,
    ) -> Flow {
        let outer = cursor.round;
        let mut flow = Flow::Continue(());
        for round in 0..times {
            cursor.round = round;
            if let Some(condition) = while_ {
                match self.user.holds(condition, round) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => {
                        flow = self.fail_template(cursor);
                        break;
                    }
                }
            }
            flow = self.nested(steps, cursor).await;
            if flow.is_break() {
                break;
            }
            // A round of thinking or of nothing must not keep the thread to itself.
            tokio::task::coop::consume_budget().await;
        }
        cursor.round = outer;
        flow
    }

    async fn parallel(self, branches: &'a [Step], cursor: &mut Cursor) -> Flow {
        let start = *cursor;
        let mut branches: Vec<_> = branches
            .iter()
            .map(|branch| -> Pin<Box<dyn Future<Output = Cursor> + '_>> {
                Box::pin(async move {
                    let mut cursor = start;
                    let _ = self.step(branch, &mut cursor).await;
                    cursor
                })
            })
            .collect();
        let ends = join_all(&mut branches).await;
        let failed = ends.iter().find_map(|end| end.failed);
        *cursor = joined(&ends).unwrap_or(start);
        cursor.failed = failed;
        if failed.is_some() {
            Flow::Break(())
        } else {
            Flow::Continue(())
        }
    }
}

/// Where a journey is when all of its branches are over. The slowest one decides when it goes on, and the one
/// whose last request ended last when its last request ended; each with the think times on its path.
fn joined(branches: &[Cursor]) -> Option<Cursor> {
    let slowest = branches.iter().max_by_key(|branch| branch.at)?;
    let last = branches.iter().max_by_key(|branch| branch.end)?;
    Some(Cursor {
        end: last.end,
        thought: last.thought,
        ..*slowest
    })
}

/// Polls a few futures until all of them are ready.
async fn join_all<T>(futures: &mut [Pin<Box<dyn Future<Output = T> + '_>>]) -> Vec<T> {
    let mut outputs: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
