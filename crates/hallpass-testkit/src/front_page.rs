//! The page at `/`: what the server offers, and the faults to switch.

use crate::{
    AuthorizationServer, Client, NamedFault, Request, Response,
    form::{self, Parameters},
    page::{self, escape},
};

/// Where things are, under the issuer, and what they are.
const ENDPOINTS: &[(&str, &str)] = &[
    ("/oauth/authorize", "the authorization endpoint"),
    ("/oauth/token", "the token endpoint"),
    ("/oauth/par", "takes pushed authorization requests"),
    (
        "/oauth/device_authorization",
        "begins the grant of a device",
    ),
    (
        "/oauth/device",
        "where a user types the code that a device shows",
    ),
    ("/oauth/revoke", "takes tokens back"),
    ("/oauth/introspect", "tells what a token is good for"),
    ("/oauth/register", "registers clients"),
    ("/oauth/userinfo", "tells who the user is"),
    ("/oauth/jwks", "the keys that sign"),
    ("/oauth/logout", "logs users out"),
    ("/oauth/check_session", "the frame of session management"),
    ("/.well-known/oauth-authorization-server", "the metadata"),
    (
        "/.well-known/openid-configuration",
        "the metadata once more",
    ),
    ("/resource", "takes any access token"),
    ("/resource/pets", "needs read:pets, for a POST write:pets"),
    ("/resource/files", "needs file_requests.read"),
];

/// A verifier and its challenge (RFC 7636 appendix B), so that the lines of the page fit together.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT_URI: &str = "http://127.0.0.1/callback";

impl AuthorizationServer {
    pub(crate) fn front_page(&mut self, request: &Request) -> Response {
        match request.method.as_str() {
            "GET" => self.show(),
            "POST" => self.switch(request),
            _ => Response::new(405).header("Allow", "GET, POST"),
        }
    }

    /// What a button or a shell asks for.
    fn switch(&mut self, request: &Request) -> Response {
        let refuse = |status, text: &str| {
            Response::new(status)
                .header("Content-Type", "text/plain; charset=utf-8")
                .with_body(format!("{text}\n"))
        };
        if is_from_another_page(request) {
            return refuse(403, "Only the page itself has buttons for the faults.");
        }
        let body = String::from_utf8_lossy(&request.body);
        let form = Parameters::parse(&body).unwrap_or_default();
        if form.has("heal") {
            self.heal();
            return back_to("faults");
        }
        let (name, is_on) = match (form.find("on"), form.find("off")) {
            (Some(name), None) => (name, true),
            (None, Some(name)) => (name, false),
            _ => return refuse(400, "The form has one of `on`, `off` and `heal`."),
        };
        let Some(fault) = NamedFault::find(name) else {
            return refuse(404, "No fault has this name.");
        };
        self.faults.withdraw(&fault.injection());
        if is_on {
            self.inject(fault);
        }
        back_to(name)
    }

    fn show(&self) -> Response {
        let issuer = self.issuer();
        let active = match self.faults().count() {
            0 => "No fault is on.".to_owned(),
            1 => "One fault is on.".to_owned(),
            more => format!("{more} faults are on."),
        };
        let names = [
            ("issuer", escape(issuer)),
            ("code", escape(&code_url(issuer))),
            ("token", escape(&token_url(issuer))),
            ("curls", curls(issuer)),
            ("endpoints", ENDPOINTS.iter().map(endpoint).collect()),
            ("clients", self.config.clients.iter().map(client).collect()),
            ("users", self.users()),
            ("scopes", self.scopes()),
            ("active", active),
            ("faults", self.switches()),
        ];
        let names = names.each_ref().map(|(name, text)| (*name, text.as_str()));
        page::wide(
            "hallpass-testkit",
            &page::fill(include_str!("pages/front.html"), &names),
        )
    }

    fn users(&self) -> String {
        let user = |name: &str, password: &str| {
            format!(
                "<li><strong>{}</strong>, password <code>{}</code></li>\n",
                escape(name),
                escape(password)
            )
        };
        let users = self.config.users.iter();
        users
            .map(|known| user(known.name(), known.password()))
            .collect()
    }

    fn scopes(&self) -> String {
        let scopes = self.config.scopes.iter();
        scopes
            .map(|(scope, about)| {
                let (scope, about) = (escape(scope), escape(about));
                format!("<li>scope <code>{scope}</code>: {about}</li>\n")
            })
            .collect()
    }

    fn switches(&self) -> String {
        let mut html = String::new();
        let mut place = "";
        for fault in NamedFault::ALL {
            if fault.place() != place {
                if !place.is_empty() {
                    html.push_str("</ul>\n");
                }
                place = fault.place();
                html.push_str(&format!("<h3>{place}</h3>\n<ul class=\"list\">\n"));
            }
            html.push_str(&switch(*fault, self.faults.has(&fault.injection())));
        }
        html + "</ul>\n"
    }
}

fn switch(fault: NamedFault, is_on: bool) -> String {
    let (name, about) = (fault.name(), code_spans(fault.about()));
    let (class, verb, label) = if is_on {
        ("fault on", "off", " <strong>on</strong>")
    } else {
        ("fault", "on", "")
    };
    format!(
        "<li class=\"{class}\" id=\"{name}\"><div><p><code>{name}</code>{label}</p><p class=\"quiet\">{about}</p></div>\
         <button name=\"{verb}\" value=\"{name}\" aria-label=\"Turn {verb} {name}\">Turn {verb}</button></li>\n",
    )
}

fn endpoint((path, about): &(&str, &str)) -> String {
    format!("<li><code>{path}</code><p class=\"quiet\">{about}</p></li>\n")
}

fn client(client: &Client) -> String {
    let codes = |texts: &mut dyn Iterator<Item = &str>| {
        let codes = texts.map(|text| format!("<code>{}</code>", escape(text)));
        codes.collect::<Vec<_>>().join(" ")
    };
    let id = escape(client.id());
    let secret = match client.secret() {
        Some(secret) => format!(", secret <code>{}</code>", escape(secret)),
        None if client.is_public() => ", no secret".to_owned(),
        None => ", signs with its key".to_owned(),
    };
    let texts = |texts: &[String]| codes(&mut texts.iter().map(String::as_str));
    let grants = codes(&mut client.own_grant_types().iter().map(|grant| grant.name()));
    let uris = match client.redirect_uris() {
        [] => String::new(),
        uris => format!("<p class=\"quiet\">redirects to {}</p>", texts(uris)),
    };
    let scopes = texts(client.own_scopes());
    format!(
        "<li><p><strong>{id}</strong>{secret}</p><p class=\"quiet\">grants {grants}</p>\
         <p class=\"quiet\">scopes {scopes}</p>{uris}</li>\n"
    )
}

fn authorization_url(issuer: &str, parameters: &[(&str, &str)]) -> String {
    let query = form::encode(parameters.iter().copied());
    format!("{issuer}/oauth/authorize?{query}")
}

fn code_url(issuer: &str) -> String {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "native"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "read write"),
        ("state", "a-state-of-the-client"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    authorization_url(issuer, &parameters)
}

fn token_url(issuer: &str) -> String {
    let parameters = [
        ("response_type", "token"),
        ("client_id", "httpig"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "read write"),
        ("state", "a-state-of-the-client"),
    ];
    authorization_url(issuer, &parameters)
}

/// Lines for a shell; those of one block fit together.
fn curls(issuer: &str) -> String {
    let blocks = [
        (
            "The code, into tokens:",
            format!(
                "curl -d grant_type=authorization_code -d client_id=native \\\n  \
                 -d code=$CODE -d redirect_uri={REDIRECT_URI} \\\n  \
                 -d code_verifier={VERIFIER} \\\n  \
                 {issuer}/oauth/token"
            ),
        ),
        (
            "New ones:",
            format!(
                "curl -d grant_type=refresh_token -d client_id=native \\\n  \
                 -d refresh_token=$REFRESH {issuer}/oauth/token"
            ),
        ),
        (
            "A look at a resource, and the end:",
            format!(
                "curl -H \"Authorization: Bearer $TOKEN\" {issuer}/resource\n\
                 curl -d client_id=native -d token=$TOKEN {issuer}/oauth/revoke"
            ),
        ),
        (
            "Without a browser:",
            format!(
                "curl -u service:service-secret -d grant_type=client_credentials \\\n  \
                 {issuer}/oauth/token\n\
                 curl -d grant_type=password -d client_id=terminal \\\n  \
                 -d username=alice -d password=wonderland {issuer}/oauth/token"
            ),
        ),
        (
            "What a token is good for:",
            format!(
                "curl -u service:service-secret -d token=$TOKEN \\\n  \
                 {issuer}/oauth/introspect"
            ),
        ),
        (
            "A device, whose user goes to the page it names:",
            format!(
                "curl -d client_id=device {issuer}/oauth/device_authorization\n\
                 curl -d grant_type=urn:ietf:params:oauth:grant-type:device_code \\\n  \
                 -d client_id=device -d device_code=$DEVICE {issuer}/oauth/token"
            ),
        ),
    ];
    let block = |(about, lines): (&str, String)| {
        format!(
            "<p>{about}</p>\n<pre tabindex=\"0\">{}</pre>\n",
            pre(&lines)
        )
    };
    blocks.into_iter().map(block).collect()
}

/// Text between tags that keeps its lines.
fn pre(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// Markdown's code spans, and nothing else of it.
fn code_spans(text: &str) -> String {
    let parts = escape(text);
    let parts = parts.split('`').enumerate().map(|(at, part)| match at % 2 {
        1 => format!("<code>{part}</code>"),
        _ => part.to_owned(),
    });
    parts.collect()
}

/// Whether a browser sends this for a page of somebody else.
fn is_from_another_page(request: &Request) -> bool {
    let Some(origin) = request.header("origin") else {
        return false;
    };
    let host = request.header("host").unwrap_or_default();
    origin.split_once("://").map(|(_, from)| from) != Some(host)
}

fn back_to(place: &str) -> Response {
    Response::new(303)
        .header("Location", format!("/#{place}"))
        .header("Cache-Control", "no-store")
}
