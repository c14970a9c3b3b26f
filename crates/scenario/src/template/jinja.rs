//! Expressions that are more than a name, evaluated by minijinja.

use super::{Escape, RenderError, Row, Value, Variables};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Object};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// What a condition that holds renders to.
pub(super) const HOLDS: &str = "1";

/// The filter that turns a condition's value into [`HOLDS`] or nothing.
const HOLDS_FILTER: &str = "condition_holds";

/// Work that one rendering may do: far above any sensible template, far below a hang.
const FUEL: u64 = 1_000_000;

/// Longest text with an expression or blocks, in bytes. The parser recurses once for each operator,
/// so that this bounds the stack it needs.
const LONGEST: usize = 4_000;

/// Widest indentation of `tojson`.
const WIDEST_INDENT: usize = 16;

/// Everything but the template itself; cloning it is cheap.
static BASE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_debug(false);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|name| {
        let escape = Escape::ALL.iter().find(|escape| escape.name() == name);
        AutoEscape::Custom(escape.map_or("none", |escape| escape.name()).into())
    });
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let escape = match state.auto_escape() {
            AutoEscape::Custom(name) => Escape::ALL.iter().find(|escape| escape.name() == *name),
            _ => None,
        };
        let mut text = String::new();
        escape.unwrap_or(&Escape::None).write(value, &mut text);
        out.write_str(&text).map_err(Error::from)
    });
    environment.add_filter(
        HOLDS_FILTER,
        |value: &Value| if is_true(value) { HOLDS } else { "" },
    );
    environment.add_filter("tojson", tojson);
    environment
});

/// The filter `tojson`, but for indentations whose only use is to fill the memory.
fn tojson(value: &Value, indent: Option<Value>, options: Kwargs) -> Result<Value, Error> {
    let width = match &indent {
        Some(indent) => Some(indent.clone()),
        None => options.get("indent")?,
    };
    if width
        .and_then(|width| usize::try_from(width).ok())
        .is_some_and(|width| width > WIDEST_INDENT)
    {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("`tojson` indents by at most {WIDEST_INDENT}"),
        ));
    }
    minijinja::filters::tojson(value, indent, options)
}

/// Refuses what the parser's stack may be too small for.
fn short_enough(source: &str) -> Result<(), Error> {
    if source.len() <= LONGEST {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::SyntaxError,
        format!("an expression, or a text with `{{% %}}` blocks, has at most {LONGEST} bytes"),
    ))
}

/// Truth as in Jinja, but for the texts by which data files say no.
pub(super) fn is_true(value: &Value) -> bool {
    match value.as_str() {
        Some(text) => {
            let text = text.trim();
            !["", "0", "false", "no"]
                .iter()
                .any(|no| text.eq_ignore_ascii_case(no))
        }
        None => value.is_true(),
    }
}

/// What a top-level name of an expression stands for.
#[derive(Debug, Clone)]
pub(crate) enum Root {
    /// A captured value.
    Slot(usize),
    /// A feed's row.
    Row(usize, Arc<[String]>),
    /// `client`
    Client,
    /// `iteration`
    Iteration,
    /// `repeat`
    Repeat,
    /// `env` or `secret`: those of its members that are used.
    Constants(BTreeMap<String, Value>),
}

/// A compiled expression, or a text with blocks.
#[derive(Debug)]
pub(super) struct Jinja {
    environment: Environment<'static>,
    escape: Escape,
    source: String,
    roots: Vec<(String, Root)>,
}

/// A name that an expression uses: `travellers.home` as its parts.
pub(super) type Use = Vec<String>;

impl Jinja {
    /// Compiles a template's text.
    pub(super) fn template(source: &str, escape: Escape) -> Result<Self, Error> {
        short_enough(source)?;
        let mut environment = BASE.clone();
        environment.add_template_owned(escape.name(), source.to_owned())?;
        Ok(Self {
            environment,
            escape,
            source: source.to_owned(),
            roots: Vec::new(),
        })
    }

    /// Compiles a condition: it renders to [`HOLDS`] if it holds.
    pub(super) fn condition(expression: &str) -> Result<Self, Error> {
        short_enough(expression)?;
        BASE.compile_expression(expression)?;
        Self::template(
            &format!("{{{{ ({expression}) | {HOLDS_FILTER} }}}}"),
            Escape::None,
        )
    }

    /// The names that it uses and does not define itself.
    pub(super) fn uses(&self) -> Vec<Use> {
        let Ok(template) = self.environment.get_template(self.escape.name()) else {
            return Vec::new();
        };
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let mut uses: Vec<Use> = template
            .undeclared_variables(true)
            .into_iter()
            .map(|name| name.split('.').map(str::to_owned).collect())
            .filter(|parts: &Use| {
                parts
                    .first()
                    .is_none_or(|first| !globals.contains(&first.as_str()))
            })
            .collect();
        uses.sort();
        uses
    }

    /// Gives a name its meaning.
    pub(super) fn bind(&mut self, name: &str, root: Root) {
        let bound = self.roots.iter_mut().find(|(bound, _)| bound == name);
        match (bound, root) {
            (Some((_, Root::Constants(members))), Root::Constants(more)) => members.extend(more),
            (Some(_), _) => {}
            (None, root) => self.roots.push((name.to_owned(), root)),
        }
    }

    /// Whether nothing in it can change from one rendering to the next.
    pub(super) fn is_constant(&self) -> bool {
        self.roots
            .iter()
            .all(|(_, root)| matches!(root, Root::Constants(_)))
    }

    /// Renders with sample values, which finds filters, tests and functions that do not exist.
    pub(super) fn rehearse(&self) -> Result<(), Error> {
        let sample = |root: &Root| match root {
            Root::Slot(_) => Value::from("1"),
            Root::Row(_, columns) => Value::from_pairs(
                columns
                    .iter()
                    .map(|column| (column.as_str(), Value::from("1"))),
            ),
            other => resolve(other, &Variables::default()).unwrap_or(Value::UNDEFINED),
        };
        let context = Value::from_pairs(
            self.roots
                .iter()
                .map(|(name, root)| (name.as_str(), sample(root))),
        );
        match self.evaluate(context) {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction
                ) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }

    fn evaluate(&self, context: Value) -> Result<String, Error> {
        self.environment
            .get_template(self.escape.name())?
            .render(context)
    }

    /// Appends what it renders to.
    pub(super) fn render(
        &self,
        variables: &Variables,
        out: &mut String,
    ) -> Result<(), RenderError> {
        let values = self.roots.iter().filter_map(|(name, root)| {
            resolve(root, variables).map(|value| (name.as_str(), value))
        });
        match self.evaluate(Value::from_pairs(values)) {
            Ok(text) => {
                out.push_str(&text);
                Ok(())
            }
            Err(error) => Err(RenderError(self.explain(&error, variables))),
        }
    }

    /// Only the kind of an error: its detail may quote a value.
    fn explain(&self, error: &Error, variables: &Variables) -> String {
        let source = crate::excerpt::short(self.source.trim());
        let missing = self
            .roots
            .iter()
            .find(|(_, root)| resolve(root, variables).is_none());
        match (error.kind(), missing) {
            (ErrorKind::UndefinedError, Some((name, _))) => {
                format!("`{name}` has no value yet, in `{source}`")
            }
            (kind, _) => format!("{kind} in `{source}`"),
        }
    }
}

fn resolve(root: &Root, variables: &Variables) -> Option<Value> {
    match root {
        Root::Slot(slot) => variables.slots.get(*slot).cloned().flatten(),
        Root::Row(feed, columns) => {
            let row = variables.rows.get(*feed).cloned().flatten()?;
            Some(Value::from_object(NamedRow {
                columns: Arc::clone(columns),
                row,
            }))
        }
        Root::Client => Some(Value::from_pairs([("id", variables.client)])),
        Root::Iteration => Some(Value::from(variables.iteration)),
        Root::Repeat => Some(Value::from_pairs([("index", variables.repeat)])),
        Root::Constants(members) => Some(Value::from_pairs(
            members
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone())),
        )),
    }
}

/// A feed's row with its column names.
#[derive(Debug)]
struct NamedRow {
    columns: Arc<[String]>,
    row: Row,
}

impl Object for NamedRow {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let column = self.columns.iter().position(|column| column == name)?;
        self.row.get(column).cloned()
    }
}
