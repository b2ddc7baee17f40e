//! A browser with a user before it, for tests that have neither.

use crate::{AuthorizationServer, Delivery, Request, Response, User, form, page};

/// What the user says on the consent page.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Yes, to every scope.
    Allow,
    /// Yes, to these scopes only; those that were not asked for do not count.
    AllowOnly(Vec<String>),
    /// No.
    Deny,
}

/// What the browser was told to post to the client (`response_mode=form_post`).
#[derive(Clone, Eq, PartialEq)]
pub struct FormPost {
    /// The redirect URI.
    pub action: String,
    /// The names and values of the form, decoded.
    pub parameters: Vec<(String, String)>,
}

impl std::fmt::Debug for FormPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("FormPost")
            .field("action", &self.action)
            .field("parameters", &names)
            .finish()
    }
}

/// Why the browser never came back to the client.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConsentError {
    /// The URL leads elsewhere: look at the authorization endpoint the client was given.
    #[error("the authorization URL does not lead to this server, whose issuer is {0}")]
    Elsewhere(String),
    /// The server answered with a page and this status: the request is wrong in a way that only the user is told.
    #[error("the server answers the authorization request with a page of status {status}: {text}")]
    Page {
        /// The status.
        status: u16,
        /// What the page says.
        text: String,
    },
    /// The name and the password are not those of a user of the server.
    #[error("{0} cannot log in: add the user to the Config")]
    Login(String),
    /// A [`Fault`](crate::Fault) kept the answer back.
    #[error("a fault at the authorization endpoint keeps the answer back")]
    NoAnswer,
    /// The client asked for `form_post`, and [`consent`](AuthorizationServer::consent) is for redirects; or the reverse.
    #[error(
        "the answer is not of this response mode: `consent` is for query and fragment, `consent_by_post` for form_post"
    )]
    ResponseMode,
}

impl AuthorizationServer {
    /// Plays a browser in which `user` opens this URL, logs in and decides. Returns where the browser is sent: the redirect
    /// URI with the answer in its query or fragment. The client is not called.
    ///
    /// # Errors
    /// [`ConsentError`], when the browser never gets there.
    pub fn consent(
        &mut self,
        authorization_url: &str,
        user: &User,
        decision: &Decision,
        now: u64,
    ) -> Result<String, ConsentError> {
        let answer = self.browse(authorization_url, user, decision, now)?;
        answer
            .location()
            .map(str::to_owned)
            .ok_or(ConsentError::ResponseMode)
    }

    /// The same for `response_mode=form_post`: returns what the browser would post.
    ///
    /// # Errors
    /// [`ConsentError`], when the browser never gets there.
    pub fn consent_by_post(
        &mut self,
        authorization_url: &str,
        user: &User,
        decision: &Decision,
        now: u64,
    ) -> Result<FormPost, ConsentError> {
        let answer = self.browse(authorization_url, user, decision, now)?;
        if answer.location().is_some() {
            return Err(ConsentError::ResponseMode);
        }
        let page = answer.text();
        let action = attribute(&page, "action=\"").next().unwrap_or_default();
        let names = attribute(&page, "<input type=\"hidden\" name=\"");
        let values = attribute(&page, "\" value=\"");
        Ok(FormPost {
            action,
            parameters: names.zip(values).collect(),
        })
    }

    /// Plays a browser in which `user` opens the page for devices (RFC 8628 §3.3), types the code or, with
    /// `verification_uri_complete`, finds it there, logs in and decides.
    ///
    /// ```
    /// use hallpass_testkit::{AuthorizationServer, Config, Decision, Request, User};
    ///
    /// let mut server = AuthorizationServer::new(Config::new());
    /// let form = [("client_id", "device"), ("scope", "read")];
    /// let request = Request::post_form("/oauth/device_authorization", &form);
    /// let response = server.respond(&request, 1_700_000_000);
    /// let answer: serde_json::Value = serde_json::from_slice(&response.body)?;
    /// let user_code = answer["user_code"].as_str().unwrap();
    /// server.approve_device(user_code, &User::alice(), &Decision::Allow, 1_700_000_005)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConsentError`], when the user never gets to decide: so where no device waits for the code.
    pub fn approve_device(
        &mut self,
        user_code_or_uri: &str,
        user: &User,
        decision: &Decision,
        now: u64,
    ) -> Result<(), ConsentError> {
        let typed = form::encode([("user_code", user_code_or_uri)]);
        let target = match self.target_of(user_code_or_uri) {
            Some(target) => target,
            None if user_code_or_uri.contains("://") => {
                return Err(ConsentError::Elsewhere(self.issuer().to_owned()));
            }
            None => format!("/oauth/device?{typed}"),
        };
        let page = self.ask_page(&Request::get(&target), now)?.text();
        let user_code = attribute(&page, "name=\"user_code\" value=\"").next();
        let user_code = user_code.unwrap_or_default();
        let form = [("step", "code"), ("user_code", user_code.as_str())];
        let taken = self.ask_page(&Request::post_form("/oauth/device", &form), now)?;
        let here = taken.location().unwrap_or_default().to_owned();
        self.log_in_and_decide(&here, user, decision, now)?;
        Ok(())
    }

    /// Opens, logs in, decides; returns the answer that leaves the server.
    fn browse(
        &mut self,
        url: &str,
        user: &User,
        decision: &Decision,
        now: u64,
    ) -> Result<Response, ConsentError> {
        let elsewhere = || ConsentError::Elsewhere(self.issuer().to_owned());
        let here = self.target_of(url).ok_or_else(elsewhere)?;
        let opened = self.ask_page(&Request::get(&here), now)?;
        if is_answer(&opened) {
            return Ok(opened);
        }
        self.log_in_and_decide(&here, user, decision, now)
    }

    /// The rest of a URL that leads to this server.
    fn target_of(&self, url: &str) -> Option<String> {
        let rest = url.strip_prefix(self.issuer())?;
        let target = rest.split('#').next().unwrap_or_default();
        target.starts_with('/').then(|| target.to_owned())
    }

    fn log_in_and_decide(
        &mut self,
        here: &str,
        user: &User,
        decision: &Decision,
        now: u64,
    ) -> Result<Response, ConsentError> {
        let login = [
            ("step", "login"),
            ("username", user.name()),
            ("password", user.password()),
        ];
        let login = self.ask_page(&Request::post_form(here, &login), now);
        let logged_in = login.map_err(|error| match error {
            ConsentError::Page { status: 403, .. } => ConsentError::Login(user.name().to_owned()),
            other => other,
        })?;
        let cookie = logged_in
            .header_value("Set-Cookie")
            .and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.unwrap_or_default().to_owned();

        let here = logged_in.location().unwrap_or(here);
        let page = self
            .ask_page(&Request::get(here).with_header("Cookie", &cookie), now)?
            .text();
        let csrf = attribute(&page, "name=\"csrf\" value=\"")
            .next()
            .unwrap_or_default();
        let offered: Vec<String> = attribute(&page, "name=\"scope:").collect();
        let ticked = offered.iter().filter(|scope| match decision {
            Decision::AllowOnly(scopes) => scopes.contains(scope),
            Decision::Allow | Decision::Deny => true,
        });
        let ticked: Vec<String> = ticked.map(|scope| format!("scope:{scope}")).collect();
        let word = if *decision == Decision::Deny {
            "deny"
        } else {
            "allow"
        };
        let mut form = vec![
            ("step", "consent"),
            ("csrf", csrf.as_str()),
            ("decision", word),
        ];
        form.extend(ticked.iter().map(|scope| (scope.as_str(), "on")));
        self.ask_page(
            &Request::post_form(here, &form).with_header("Cookie", &cookie),
            now,
        )
    }

    fn ask_page(&mut self, request: &Request, now: u64) -> Result<Response, ConsentError> {
        let response = self.respond(request, now);
        match (response.delivery, response.status) {
            (Delivery::Hang | Delivery::Close, _) => Err(ConsentError::NoAnswer),
            (_, 200..400) => Ok(response),
            (_, status) => Err(ConsentError::Page {
                status,
                text: paragraph(&response.text()),
            }),
        }
    }
}

/// Whether this goes to the client, and not to the user.
fn is_answer(response: &Response) -> bool {
    response.location().is_some() || response.text().contains("<script>")
}

/// The values that follow this text up to the next quote.
fn attribute<'a>(page: &'a str, before: &'a str) -> impl Iterator<Item = String> + 'a {
    page.split(before)
        .skip(1)
        .map(|rest| page::unescape(rest.split('"').next().unwrap_or_default()))
}

fn paragraph(page: &str) -> String {
    let text = page
        .split_once("<p role=\"alert\">")
        .or_else(|| page.split_once("<p>"))
        .map(|(_, rest)| rest)
        .and_then(|rest| rest.split("</p>").next());
    page::unescape(text.unwrap_or_default())
}
