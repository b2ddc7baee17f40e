//! The pages a user sees: HTML that a phone, a keyboard and a screen reader can use, and nothing else may frame.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use crate::{Response, session::Session};

const STYLE: &str = include_str!("pages/style.css");
const WIDE_STYLE: &str = concat!(
    include_str!("pages/style.css"),
    include_str!("pages/front.css")
);
const SUBMIT: &str = "document.forms[0].submit()";

/// The login page; `here` is the target that asked for it.
pub(crate) fn login(here: &str, client: &str, problem: Option<&str>) -> Response {
    let status = if problem.is_some() { 403 } else { 200 };
    let problem = problem.map_or(String::new(), |problem| {
        format!("<p role=\"alert\">{}</p>\n", escape(problem))
    });
    let names = [
        ("problem", problem.as_str()),
        ("client", &escape(client)),
        ("here", &escape(here)),
    ];
    framed(
        status,
        "Log in",
        &fill(include_str!("pages/login.html"), &names),
    )
}

/// The consent page, with the scopes and what they mean.
pub(crate) fn consent(
    here: &str,
    client: &str,
    session: &Session,
    scopes: &[(String, String)],
) -> Response {
    let boxes = scopes.iter().map(|(scope, description)| {
        let (scope, description) = (escape(scope), escape(description));
        format!(
            "<label class=\"scope\"><input type=\"checkbox\" name=\"scope:{scope}\" value=\"on\" checked>\
             <span>{description} <code>{scope}</code></span></label>\n"
        )
    });
    let boxes: String = boxes.collect();
    let scopes = match boxes.as_str() {
        "" => String::new(),
        boxes => format!("<fieldset>\n<legend>It may</legend>\n{boxes}</fieldset>\n"),
    };
    let names = [
        ("client", escape(client)),
        ("user", escape(&session.user)),
        ("here", escape(here)),
        ("csrf", escape(&session.csrf)),
        ("scopes", scopes),
    ];
    let names = names
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    framed(
        200,
        "Allow access?",
        &fill(include_str!("pages/consent.html"), &names),
    )
}

/// A page that posts the answer to the client (OAuth 2.0 Form Post Response Mode).
pub(crate) fn form_post(action: &str, parameters: &[(String, String)]) -> Response {
    let inputs = parameters.iter().map(|(name, value)| {
        format!(
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n",
            escape(name),
            escape(value)
        )
    });
    let (action, inputs) = (escape(action), inputs.collect::<String>());
    let names = [
        ("action", action.as_str()),
        ("inputs", &inputs),
        ("script", SUBMIT),
    ];
    framed(
        200,
        "One moment",
        &fill(include_str!("pages/form_post.html"), &names),
    )
}

/// The page that asks for the code a device shows (RFC 8628 §3.3).
pub(crate) fn enter_code(user_code: &str, problem: Option<&str>) -> Response {
    let status = if problem.is_some() { 403 } else { 200 };
    let problem = problem.map_or(String::new(), |problem| {
        format!("<p role=\"alert\">{}</p>\n", escape(problem))
    });
    let names = [
        ("problem", problem.as_str()),
        ("user_code", &escape(user_code)),
    ];
    let content = fill(include_str!("pages/device.html"), &names);
    framed(status, "Connect a device", &content)
}

/// What a user sees who has decided for a device.
pub(crate) fn done(is_allowed: bool) -> Response {
    let (title, content) = if is_allowed {
        (
            "Your device is connected",
            "<p>Go back to it: it goes on by itself.</p>",
        )
    } else {
        (
            "Your device gets no access",
            "<p>You can close this page.</p>",
        )
    };
    framed(200, title, content)
}

/// What a user sees who has logged out: frames for the clients, and the way back.
pub(crate) fn logged_out(frames: &[String], back_to: Option<&str>) -> Response {
    let frames = frames.iter().map(|uri| {
        let uri = escape(uri);
        format!("<iframe title=\"log out there\" src=\"{uri}\" hidden></iframe>\n")
    });
    let back = back_to.map(escape).map_or(String::new(), |uri| {
        // After a second, so that the frames have been loaded.
        let refresh = format!("<meta http-equiv=\"refresh\" content=\"1;url={uri}\">\n");
        format!("{refresh}<p><a href=\"{uri}\">Go back to the application</a></p>\n")
    });
    let (frames, title) = (frames.collect::<String>(), "You are logged out");
    let names = [("frames", frames.as_str()), ("back", &back)];
    let content = fill(include_str!("pages/logged_out.html"), &names);
    let mut response = framed(200, title, &content);
    let policies = response.headers.iter_mut();
    policies
        .filter(|(name, _)| name == "Content-Security-Policy")
        .for_each(|(_, policy)| policy.push_str("; frame-src http: https:"));
    response
}

/// What is wrong with a request that cannot be answered to its client.
pub(crate) fn problem(text: &str) -> Response {
    let content = format!(
        "<p>{}</p>\n<p>Go back to the application and try again.</p>",
        escape(text)
    );
    framed(400, "This request cannot be answered", &content)
}

/// What stands in an attribute or between tags.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A browser would turn these into something else before it posts them.
            '\r' => escaped.push_str("&#13;"),
            '\n' => escaped.push_str("&#10;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The reverse of [`escape`].
pub(crate) fn unescape(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#13;", "\r"),
        ("&#10;", "\n"),
        ("&amp;", "&"),
    ];
    pairs
        .into_iter()
        .fold(text.to_owned(), |text, (entity, character)| {
            text.replace(entity, character)
        })
}

/// A page to read, with more in it than the others.
pub(crate) fn wide(title: &str, content: &str) -> Response {
    // With no-referrer a browser would post the page's own forms from the origin `null`.
    styled(200, WIDE_STYLE, title, content).header("Referrer-Policy", "same-origin")
}

fn framed(status: u16, title: &str, content: &str) -> Response {
    styled(status, STYLE, title, content).header("Referrer-Policy", "no-referrer")
}

fn styled(status: u16, style: &str, title: &str, content: &str) -> Response {
    let names = [("title", title), ("style", style), ("content", content)];
    let hash = |text: &str| Base64::encode_string(&Sha256::digest(text));
    // Without form-action: browsers would stop the redirect to the client, which follows a form.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; frame-ancestors 'none'",
        hash(style),
        hash(SUBMIT)
    );
    Response::html(status, fill(include_str!("pages/frame.html"), &names))
        .header("Cache-Control", "no-store")
        .header("Content-Security-Policy", policy)
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
}

/// Puts values, already escaped, where the template names them. A value is never looked through for names.
pub(crate) fn fill(template: &str, names: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        let value = names
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value);
        filled.push_str(value);
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sends_is_never_markup() {
        let page = login("/x?a=\"><script>", "<b>{{here}}</b>", None).text();
        assert!(
            !page.contains("<script>") && !page.contains("<b>"),
            "{page}"
        );
        assert!(page.contains("&lt;b&gt;{{here}}&lt;/b&gt;"), "{page}");
    }

    #[test]
    fn escaping_is_reversed() {
        let text = "<&amp;\"'\r\n>é";
        assert_eq!(unescape(&escape(text)), text);
    }
}
