//! What a user agent without scripts sees of a page: its forms and its frames.

use html5gum::{StartTag, Token, Tokenizer};
use url::Url;

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) forms: Vec<Form>,
    /// What its frames show.
    pub(crate) frames: Vec<String>,
    /// Where it goes on to by itself.
    pub(crate) refresh: Option<String>,
}

/// A form on it.
#[derive(Debug, Default)]
pub(crate) struct Form {
    action: Option<String>,
    is_post: bool,
    inputs: Vec<Input>,
}

#[derive(Debug)]
struct Input {
    kind: String,
    name: String,
    value: String,
}

impl Page {
    pub(crate) fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut is_in_form = false;
        // Without a form of its own, an input names one (`form="id"`): there is one form on each page that we know.
        let mut loose = Vec::new();
        for token in Tokenizer::new(html).flatten() {
            match token {
                Token::StartTag(tag) => match &**tag.name {
                    b"form" => {
                        is_in_form = true;
                        page.forms.push(Form {
                            action: attribute(&tag, "action"),
                            is_post: attribute(&tag, "method")
                                .is_some_and(|method| method.eq_ignore_ascii_case("post")),
                            inputs: Vec::new(),
                        });
                    }
                    b"input" | b"button" => match page.forms.last_mut().filter(|_| is_in_form) {
                        Some(form) => form.inputs.push(Input::of(&tag)),
                        None => loose.push(Input::of(&tag)),
                    },
                    b"meta" => page.refresh = page.refresh.or_else(|| refresh(&tag)),
                    b"iframe" | b"frame" => page.frames.extend(attribute(&tag, "src")),
                    _ => {}
                },
                Token::EndTag(tag) if &**tag.name == b"form" => is_in_form = false,
                _ => {}
            }
        }
        if let Some(form) = page.forms.first_mut() {
            form.inputs.extend(loose);
        }
        page
    }
}

impl Form {
    /// Where it goes.
    pub(crate) fn target(&self, page: &Url) -> Option<Url> {
        match &self.action {
            Some(action) => page.join(action).ok(),
            None => Some(page.clone()),
        }
    }

    pub(crate) fn is_post(&self) -> bool {
        self.is_post
    }

    /// Whether it asks for a password.
    pub(crate) fn asks_for_password(&self) -> bool {
        self.inputs.iter().any(|input| input.kind == "password")
    }

    /// What it sends when somebody presses its first button.
    pub(crate) fn filled(&self, user: Option<(&str, &str)>) -> String {
        let mut sent = form_urlencoded::Serializer::new(String::new());
        let (mut is_named, mut is_pressed) = (false, false);
        for input in self.inputs.iter().filter(|input| !input.name.is_empty()) {
            let value = match (input.kind.as_str(), user) {
                ("password", Some((_, password))) => password,
                ("text" | "email", Some((name, _))) if !is_named => {
                    is_named = true;
                    name
                }
                ("submit", _) if is_pressed => continue,
                ("submit", _) => {
                    is_pressed = true;
                    &input.value
                }
                ("button" | "reset" | "checkbox" | "radio", _) => continue,
                _ => &input.value,
            };
            sent.append_pair(&input.name, value);
        }
        sent.finish()
    }
}

impl Input {
    fn of(tag: &StartTag<()>) -> Self {
        let usual = if &**tag.name == b"button" {
            "submit"
        } else {
            "text"
        };
        Self {
            kind: attribute(tag, "type").map_or(usual.to_owned(), |kind| kind.to_ascii_lowercase()),
            name: attribute(tag, "name").unwrap_or_default(),
            value: attribute(tag, "value").unwrap_or_default(),
        }
    }
}

/// `<meta http-equiv="refresh" content="1;url=…">`
fn refresh(tag: &StartTag<()>) -> Option<String> {
    let is_refresh = attribute(tag, "http-equiv")?.eq_ignore_ascii_case("refresh");
    let content = attribute(tag, "content").filter(|_| is_refresh)?;
    let (_, url) = content.split_once(';')?;
    let (name, url) = url.trim().split_once('=')?;
    name.trim()
        .eq_ignore_ascii_case("url")
        .then(|| url.trim().to_owned())
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_posts_an_answer_is_read_with_its_entities() {
        let page = Page::read(
            r#"<body onload="document.forms[0].submit()"><form method=POST action="https://rp.example/cb?a=1&amp;b=2">
            <input type="hidden" name="state" value="x&quot;&#x2b;y"/><input type="hidden" name="code" value="a b"/></form>"#,
        );
        let form = &page.forms[0];
        let at = Url::parse("https://op.example/auth").unwrap();
        assert_eq!(
            form.target(&at).unwrap().as_str(),
            "https://rp.example/cb?a=1&b=2"
        );
        assert!(form.is_post() && !form.asks_for_password());
        assert_eq!(form.filled(None), "state=x%22%2By&code=a+b");
    }

    #[test]
    fn the_first_button_is_pressed_and_the_others_are_not() {
        let page = Page::read(
            r#"<form id=f method=post action="/confirm"><input type=hidden name=xsrf value=1></form>
            <button type=submit form=f name=logout value=yes>Yes</button><button form=f name=stay value=1>No</button>"#,
        );
        assert_eq!(page.forms[0].filled(None), "xsrf=1&logout=yes");
    }

    #[test]
    fn frames_are_seen_and_where_a_page_goes_on_to() {
        let page = Page::read(
            r#"<meta http-equiv="Refresh" content="1;url=https://rp.example/bye?state=a&amp;b=c">
            <iframe src="https://rp.example/front?sid=1&amp;iss=x" hidden></iframe>"#,
        );
        assert_eq!(page.frames, ["https://rp.example/front?sid=1&iss=x"]);
        assert_eq!(
            page.refresh.as_deref(),
            Some("https://rp.example/bye?state=a&b=c")
        );
    }

    #[test]
    fn a_login_form_is_filled_in() {
        let page = Page::read(
            r#"<form method=post><input name=login><input type=password name=password><button>Sign in</button></form>"#,
        );
        let form = &page.forms[0];
        assert!(form.asks_for_password());
        assert_eq!(form.filled(Some(("alice", "w"))), "login=alice&password=w");
        assert_eq!(
            form.target(&Url::parse("https://op.example/i/1").unwrap())
                .unwrap()
                .path(),
            "/i/1"
        );
    }
}
