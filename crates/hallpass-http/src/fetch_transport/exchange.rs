//! One request and its answer, by `fetch`.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestInit, RequestMode, RequestRedirect, ResponseType,
};

use hallpass_grant::{Lost, Request, Response};

use crate::{TransportError, TransportErrorKind, event_loop};

/// What a browser tells of a failure, which is nothing.
const UNTOLD: &str = "fetch does not say why: nobody answers there, the connection ended, or the server or this page's own policy \
     does not allow this page to ask (CORS, CSP); the console of the browser does";

/// Sends the request and reads the whole answer. Dropping it ends both.
pub(super) async fn exchange(
    request: &Request,
    max_body: usize,
) -> Result<Response, TransportError> {
    let failed = |kind, lost| TransportError::new(kind, lost, request.endpoint());
    let unsent = |_| {
        failed(TransportErrorKind::InvalidRequest, Lost::NotSent)
            .with_source("this page cannot make a request of it")
    };
    let (asked, _sent) = prepared(request).map_err(unsent)?;
    let promise = event_loop::fetch(&asked).map_err(unsent)?;
    let answer = JsFuture::from(promise)
        .await
        .map_err(|_| failed(TransportErrorKind::Other, Lost::MaybeSent).with_source(UNTOLD))?;
    match read(answer.unchecked_into(), max_body).await {
        Ok(response) => Ok(response),
        Err(Unread::TooLarge) => Err(failed(TransportErrorKind::TooLarge, Lost::MaybeSent)),
        Err(Unread::Interrupted) => Err(failed(TransportErrorKind::Interrupted, Lost::MaybeSent)),
    }
}

/// Ends the request it was given to when it is dropped; nothing where that is done already.
struct Sent(AbortController);

impl Drop for Sent {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn prepared(request: &Request) -> Result<(web_sys::Request, Sent), JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        headers.append(name, value)?;
    }
    let sent = Sent(AbortController::new()?);
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers_headers(&headers);
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(request.body().expose_secret()));
    }
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::Omit);
    init.set_cache(RequestCache::NoStore);
    init.set_redirect(RequestRedirect::Manual);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(Some(&sent.0.signal()));
    let asked = web_sys::Request::new_with_str_and_init(request.endpoint().as_str(), &init)?;
    Ok((asked, sent))
}

enum Unread {
    TooLarge,
    Interrupted,
}

impl From<JsValue> for Unread {
    fn from(_: JsValue) -> Self {
        Self::Interrupted
    }
}

async fn read(answer: web_sys::Response, max_body: usize) -> Result<Response, Unread> {
    if answer.type_() == ResponseType::Opaqueredirect {
        return Ok(Response::new(302));
    }
    let announced = answer.headers().get("content-length")?;
    let announced: Option<u64> = announced.and_then(|text| text.parse().ok());
    if announced.is_some_and(|bytes| bytes > max_body as u64) {
        return Err(Unread::TooLarge);
    }
    let mut body = Vec::new();
    if let Some(stream) = answer.body() {
        let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        while let Some(chunk) = next(&reader).await? {
            if chunk.length() as usize > max_body - body.len() {
                return Err(Unread::TooLarge);
            }
            body.extend_from_slice(&chunk.to_vec());
        }
    }
    let mut read = Response::new(answer.status()).with_body(body);
    for entry in js_sys::try_iter(&answer.headers())?.into_iter().flatten() {
        let entry: js_sys::Array = entry?.unchecked_into();
        if let (Some(name), Some(value)) = (entry.get(0).as_string(), entry.get(1).as_string()) {
            read = read.with_header(&name, &value);
        }
    }
    Ok(read)
}

/// The next piece of a body; `None` at its end.
async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let piece = JsFuture::from(reader.read()).await?;
    let is_end = Reflect::get(&piece, &"done".into())?.is_truthy();
    let value = || Reflect::get(&piece, &"value".into());
    match is_end {
        true => Ok(None),
        false => value().map(|value| Some(value.unchecked_into())),
    }
}
