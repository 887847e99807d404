//! Who may ask for what.
//!
//! Owns: that nobody unknown is answered, that nothing is changed but by an
//! operator, and what a browser is told so that no other site can act for it.
//! The rule is one: to look takes a viewer, everything else an operator. A part
//! of the API can't forget it, since it is asked before any of them.
//! Must not know: what an address answers.

mod attempts;
mod give;
mod headers;
mod login;
mod logins;
mod origin;
mod token;
mod tokens;

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use lombard_model::{Digest, Role};
use lombard_runtime::Host;
use lombard_store::AccessToken;

use self::attempts::Attempts;
use self::logins::{COOKIE, Logins};
use self::tokens::Tokens;
use crate::app::{App, Shared};
use crate::dashboard::Viewer;
use crate::problem::Problem;
use crate::rules::wants_a_page;

pub use self::give::{give_first_token, give_token};
pub(crate) use self::headers::say_what_is_allowed;
pub(crate) use self::login::routes;
pub use self::token::Token;

/// Addresses that anybody may ask: whether the process lives, and how to log
/// in. [`is_open`] has those that begin alike.
const OPEN: [&str; 4] = ["/healthz", "/readyz", "/login", "/logout"];

/// What whoever shows the token of this run is called.
const COMMAND_LINE: &str = "command line";

/// Where the files of the pages are, which hold nothing of anybody.
const ASSETS: &str = "/assets/";

/// The address that a request came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Who asks.
struct Who {
    /// What the token is called.
    name: String,
    role: Role,
}

impl From<AccessToken> for Who {
    fn from(token: AccessToken) -> Self {
        Self {
            name: token.name,
            role: token.role,
        }
    }
}

/// What is known of those who ask.
#[derive(Debug)]
pub(crate) struct Access {
    tokens: Tokens,
    logins: Logins,
    attempts: Attempts,
    /// The token of this run, where there is one.
    of_this_run: Option<Digest>,
    /// Whether it is listened to on this machine alone.
    is_local: bool,
}

impl Access {
    pub(crate) fn new(host: &Host, listen: SocketAddr, of_this_run: Option<&Token>) -> Self {
        Self {
            tokens: Tokens::of(host),
            logins: Logins::default(),
            attempts: Attempts::default(),
            of_this_run: of_this_run.map(Token::hash),
            is_local: listen.ip().is_loopback(),
        }
    }

    /// Whoever shows the token of this run. It is in no list, so no cookie can
    /// be had for it, and whoever has it is not kept waiting by others' wrong
    /// ones.
    fn command_line(&self, secret: &str) -> Option<Who> {
        let known = self.of_this_run?;
        (token::hash(secret) == known).then(|| Who {
            name: COMMAND_LINE.to_owned(),
            role: Role::Operator,
        })
    }
}

/// How somebody has shown who they are.
enum Shown {
    /// By a token in the request, which no browser sends by itself.
    Token(Who),
    /// By a cookie, which a browser sends whoever made it ask.
    Cookie(Who),
    Nothing,
}

/// Lets a request through to what answers it, or tells why not.
pub(crate) async fn guard(
    State(app): State<Shared>,
    mut request: Request,
    next: Next,
) -> Result<Response, Response> {
    let peer = request.extensions().get::<Peer>().copied();
    let peer = peer.ok_or_else(|| Problem::unauthenticated("nobody").into_response())?;
    if app.access().is_local && !origin::names_this_machine(request.headers()) {
        let told = "this host answers on this machine only, as localhost";
        return Err(Problem::misdirected(told).into_response());
    }
    let path = request.uri().path();
    let is_open = OPEN.contains(&path) || path.starts_with(ASSETS);
    let shown = match is_open {
        true => Shown::Nothing,
        false => shown(&app, peer, request.headers()).await?,
    };
    let needed = needed(request.method());
    let who = match shown {
        Shown::Nothing if is_open => None,
        Shown::Nothing => return Err(unknown(&request)),
        Shown::Cookie(_) if needed == Role::Operator && !origin::is_own(request.headers()) => {
            let told = "this comes from another site than the host's own pages";
            return Err(Problem::forbidden(told).into_response());
        }
        Shown::Cookie(who) | Shown::Token(who) => Some(who),
    };
    if let Some(who) = who {
        if !who.role.allows(needed) {
            let told = format!("`{}` may look and not change anything", who.name);
            return Err(Problem::forbidden(told).into_response());
        }
        request.extensions_mut().insert(Viewer {
            name: who.name,
            may_change: who.role.allows(Role::Operator),
        });
    }
    Ok(next.run(request).await)
}

/// What a request takes. Only looking is for everybody.
fn needed(method: &Method) -> Role {
    match *method {
        Method::GET | Method::HEAD => Role::Viewer,
        _ => Role::Operator,
    }
}

async fn shown(app: &App, peer: Peer, headers: &HeaderMap) -> Result<Shown, Response> {
    let failed = |error: lombard_store::StoreError| Problem::from(error).into_response();
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let secret = value.to_str().ok().and_then(|text| text.split_once(' '));
        let secret = secret.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let known = match secret.map(|(_, secret)| secret.trim()) {
            Some(secret) => match app.access().command_line(secret) {
                Some(who) => Some(who),
                None => attempt(app, peer, secret).await?.map(Who::from),
            },
            None => None,
        };
        return match known {
            Some(who) => Ok(Shown::Token(who)),
            None => Err(Problem::unauthenticated("this token is not known").into_response()),
        };
    }
    let login = cookie(headers).and_then(|cookie| app.access().logins.of(cookie));
    let Some(login) = login else {
        return Ok(Shown::Nothing);
    };
    let tokens = &app.access().tokens;
    let token = tokens.by_id(app.host(), login).await.map_err(failed)?;
    Ok(token.map_or(Shown::Nothing, |token| Shown::Cookie(token.into())))
}

/// The token that a secret is, if it is one and there were not too many
/// attempts.
async fn attempt(app: &App, peer: Peer, secret: &str) -> Result<Option<AccessToken>, Response> {
    let access = app.access();
    if let Some(wait) = access.attempts.wait(peer.0) {
        return Err(Problem::too_many(wait).into_response());
    }
    let found = access.tokens.by_hash(app.host(), token::hash(secret)).await;
    let found = found.map_err(|error| Problem::from(error).into_response())?;
    if found.is_none() {
        access.attempts.failed(peer.0);
        tracing::warn!(from = %peer.0, "somebody showed a token that is none");
    }
    Ok(found)
}

/// The cookie by which a browser is known.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter();
    let mut pairs = all.filter_map(|value| value.to_str().ok());
    pairs.find_map(|pairs| {
        let mut pairs = pairs
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.find_map(|(name, value)| (name == COOKIE).then_some(value))
    })
}

/// What somebody unknown is told: a person, where to log in.
fn unknown(request: &Request) -> Response {
    if wants_a_page(request.method(), request.headers()) {
        return Redirect::to("/login").into_response();
    }
    Problem::unauthenticated("show a token: `Authorization: Bearer TOKEN`").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_looking_takes_an_operator() {
        for method in ["GET", "HEAD"] {
            assert_eq!(needed(&method.parse().unwrap()), Role::Viewer);
        }
        for method in [
            "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "BREW",
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(needed(&method), Role::Operator, "{method}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(header::COOKIE, "a=b".parse().unwrap());
            headers.append(header::COOKIE, value.parse().unwrap());
            cookie(&headers).map(str::to_owned)
        };
        assert_eq!(
            with("x=1; lombard_session=abc; y=2").as_deref(),
            Some("abc")
        );
        assert_eq!(with("lombard_session="), Some(String::new()));
        assert_eq!(with("xlombard_session=abc"), None);
        assert_eq!(with("lombard_session"), None);
    }
}
