//! The faults that any endpoint can have: answers that are not the endpoint's own, and good ones that arrive badly.

use crate::{
    AuthorizationServer, Body, Delivery, Endpoint, Fault, Request, Response, gzip, json,
    retelling::accepts_json,
};

impl AuthorizationServer {
    /// The answer in place of carrying the request out.
    pub(crate) fn refuse_by_fault(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
    ) -> Option<Response> {
        let login = format!("{}/login", self.issuer());
        self.faults.take_at(endpoint, |fault| match fault {
            Fault::Body { status, body } => Some(bad_body(*status, body)),
            Fault::TooManyRequests { retry_after } => {
                Some(Response::json(429, "{}").header("Retry-After", retry_after.to_string()))
            }
            Fault::Redirect { status, location } => {
                Some(Response::new(*status).header("Location", location))
            }
            Fault::LoginUnlessAccepted if !accepts_json(request) => {
                Some(Response::new(302).header("Location", &login))
            }
            Fault::Hang => Some(Response {
                delivery: Delivery::Hang,
                ..Response::new(200)
            }),
            Fault::CloseBeforeAnswer => Some(Response {
                delivery: Delivery::Close,
                ..Response::new(200)
            }),
            _ => None,
        })
    }

    /// What becomes of a good answer on its way.
    pub(crate) fn spoil_by_fault(&mut self, endpoint: Endpoint, response: Response) -> Response {
        let spoil = self.faults.take_at(endpoint, |fault| match fault {
            Fault::ContentType(_)
            | Fault::LoseAnswer
            | Fault::EndlessBody
            | Fault::GzipBomb { .. }
            | Fault::Drip { .. } => Some(fault.clone()),
            _ => None,
        });
        let delivery = match spoil {
            Some(Fault::ContentType(content_type)) => {
                return with_content_type(response, content_type);
            }
            Some(Fault::GzipBomb { mebibytes }) => return gzip::bomb(response, mebibytes),
            Some(Fault::LoseAnswer) => Delivery::Close,
            Some(Fault::EndlessBody) => Delivery::Endless,
            Some(Fault::Drip { every }) => Delivery::Drip { every },
            _ => return response,
        };
        Response {
            delivery,
            ..response
        }
    }
}

fn with_content_type(mut response: Response, content_type: String) -> Response {
    response
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
    response.header("Content-Type", content_type)
}

fn bad_body(status: u16, body: &Body) -> Response {
    let json = |body: &str| Response::json(status, body);
    match body {
        Body::Empty => Response::new(status),
        Body::EmptyObject => json("{}"),
        Body::EmptyArray => json("[]"),
        Body::Text => json("Something went wrong."),
        Body::Html => Response::html(
            status,
            "<!doctype html><title>Bad Gateway</title><h1>Bad Gateway</h1>\n".to_owned(),
        ),
        Body::Error(error) => json(&json::object(&[("error".to_owned(), json::text(error))])),
        Body::Json(text) => json(text),
    }
}
