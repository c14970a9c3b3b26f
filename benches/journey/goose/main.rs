//! The journey of `journey.yaml`, for goose: five steps, a row of data, two values taken from JSON, four
//! expectations, cookies.

use goose::prelude::*;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The rows of `users.csv`: name, password, home.
static USERS: OnceLock<Vec<[String; 3]>> = OnceLock::new();

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    let path = std::env::var("JOURNEY_USERS").expect("JOURNEY_USERS names the file of users");
    let text = std::fs::read_to_string(path).expect("the file of users is read");
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.split(',').map(str::to_owned);
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    });
    USERS.get_or_init(|| rows.collect());
    GooseAttack::initialize()?
        .register_scenario(
            scenario!("Shop").register_transaction(transaction!(buy).set_name("buy")),
        )
        .execute()
        .await?;
    Ok(())
}

async fn buy(user: &mut GooseUser) -> TransactionResult {
    let users = USERS.get().expect("the rows are there");
    let row = user.get_iterations() + user.weighted_users_index * 7;
    let [name, password, home] = &users[row % users.len()];

    user.get("/").await?;

    let login = json!({ "user": name, "password": password });
    let body = answer(user, GooseMethod::Post, "/login", Some(login), "", 200).await?;
    let token = text_at(&parsed(&body), "/token");

    let path = format!("/search?from={home}&to=ROM");
    let body = answer(user, GooseMethod::Get, &path, None, "", 200).await?;
    let body = parsed(&body);
    let flights = body["flights"].as_array();
    assert!(
        flights.is_some_and(|flights| !flights.is_empty()),
        "there are flights"
    );
    let flight = text_at(&body, "/flights/0/id");

    let order = json!({ "flight": flight });
    answer(user, GooseMethod::Post, "/basket", Some(order), &token, 201).await?;
    let body = answer(user, GooseMethod::Post, "/checkout", None, &token, 201).await?;
    assert!(body.contains("confirmed"), "it is confirmed");
    Ok(())
}

/// Sends a request and returns the body, if the status is the one that is expected.
async fn answer(
    user: &mut GooseUser,
    method: GooseMethod,
    path: &str,
    body: Option<Value>,
    token: &str,
    status: u16,
) -> Result<String, Box<TransactionError>> {
    let mut builder = user.get_request_builder(&method, path)?;
    if let Some(body) = &body {
        builder = builder.json(body);
    }
    if !token.is_empty() {
        builder = builder.bearer_auth(token);
    }
    let request = GooseRequest::builder()
        .method(method)
        // One name for every query, as in the other tools.
        .name(path.split('?').next().unwrap_or(path))
        .path(path)
        .expect_status_code(status)
        .set_request_builder(builder)
        .build();
    let answer = user.request(request).await?;
    let response = answer.response.map_err(|error| Box::new(error.into()))?;
    response
        .text()
        .await
        .map_err(|error| Box::new(error.into()))
}

fn parsed(body: &str) -> Value {
    serde_json::from_str(body).expect("the body is JSON")
}

fn text_at(body: &Value, pointer: &str) -> String {
    let text = body.pointer(pointer).and_then(Value::as_str);
    text.expect("what is to be saved is there").to_owned()
}
