//! A login as a browser brings it, through a real socket of this machine.

mod common;

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use hallpass_grant::ResponseMode;
use hallpass_loopback::{Address, BindError, Colour, Options, ReceiveError, Received, Receiver};

use common::*;

type Outcome = Result<(), Box<dyn Error>>;

/// No error at all.
fn fine() -> Result<(), String> {
    Ok(())
}

fn bound() -> (Receiver, String) {
    let receiver = Receiver::bind(Options::new("Photo Printer")).unwrap();
    let redirect_uri = receiver.redirect_uri();
    (receiver, redirect_uri)
}

#[test]
fn it_waits_at_an_ip_literal_of_this_machine_alone() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let at: SocketAddr = authority(&redirect_uri).parse()?;
    assert!(at.ip().is_loopback() && at.port() > 0, "{redirect_uri}");
    assert_eq!(redirect_uri, format!("http://{at}/callback"));
    // Nobody else's port is taken: the same one is free on every other address.
    TcpListener::bind(("127.0.0.2", at.port()))?;
    drop(receiver);

    let options = Options::new("x")
        .with_port(at.port())
        .with_path("/oauth/redirect");
    let receiver = Receiver::bind(options.clone())?;
    assert_eq!(
        receiver.redirect_uri(),
        format!("http://{at}/oauth/redirect")
    );
    match Receiver::bind(options) {
        Err(BindError::InUse { port }) => assert_eq!(port, at.port()),
        other => panic!("{other:?}"),
    }
    match Receiver::bind(Options::new("x").with_path("callback")) {
        Err(BindError::Path) => Ok(()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ipv6_is_written_in_brackets_and_works() -> Outcome {
    let receiver = match Receiver::bind(Options::new("x").with_address(Address::V6)) {
        // A machine may have it turned off.
        Err(BindError::Socket(_)) if TcpListener::bind("[::1]:0").is_err() => return Ok(()),
        receiver => receiver?,
    };
    let redirect_uri = receiver.redirect_uri();
    assert!(redirect_uri.starts_with("http://[::1]:"), "{redirect_uri}");
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!("/callback?code=c&state={STATE}");
    let login = async { receiver.receive(&pending).await.unwrap().tell(fine()).await };
    let (told, page) = tokio::join!(login, get(authority(&redirect_uri), &target));
    told?;
    assert_eq!(status(&page), "200", "{page}");
    Ok(())
}

#[tokio::test]
async fn a_code_in_the_query_is_received_and_the_page_says_how_the_login_ended() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!("/callback?code=c&state={STATE}");
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        let code = pending.clone().receive(&received.callback(), NOW);
        received.tell(code).await
    };
    let (code, page) = tokio::join!(login, get(authority(&redirect_uri), &target));
    code?;
    assert_eq!(status(&page), "200");
    assert!(
        page.contains("You are logged in to Photo Printer."),
        "{page}"
    );
    assert!(page.contains("history.replaceState"), "{page}");
    Ok(())
}

#[tokio::test]
async fn the_cookies_of_every_other_program_of_this_machine_cost_the_login_nothing() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let at = authority(&redirect_uri);
    let cookies = (0..62).map(|n| format!("c{n}={}; ", "x".repeat(4096)));
    let cookies: String = cookies.collect();
    let request = format!(
        "GET /callback?code=c&state={STATE} HTTP/1.1\r\nHost: {at}\r\nCookie: {cookies}\r\n\r\n"
    );
    assert!((248 * 1024..256 * 1024).contains(&request.len()));
    let login = async { receiver.receive(&pending).await.unwrap().tell(fine()).await };
    let browser = async {
        let page = send(at, &request).await;
        assert_eq!(status(&page), "200", "{page}");
    };
    let (told, ()) = tokio::join!(login, browser);
    Ok(told?)
}

#[tokio::test]
async fn a_posted_form_is_received_from_another_site() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::FormPost);
    let at = authority(&redirect_uri);
    let browser = async {
        let body = format!("code=c&state={STATE}");
        let headers = "Origin: https://as.example\r\nSec-Fetch-Site: cross-site\r\n";
        let stray = post(at, "/callback", headers, "code=evil&state=x").await;
        assert_eq!(status(&stray), "400");
        post(at, "/callback", headers, &body).await
    };
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        let code = pending.clone().receive(&received.callback(), NOW);
        received.tell(code).await
    };
    let (code, page) = tokio::join!(login, browser);
    code?;
    assert_eq!(status(&page), "200");
    Ok(())
}

#[tokio::test]
async fn a_token_in_the_fragment_comes_by_the_page_and_by_no_other_way() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = token(&redirect_uri);
    let at = authority(&redirect_uri);
    let fragment = format!("access_token=t%2Bt&token_type=Bearer&state={STATE}");
    let browser = async {
        let page = get(at, "/callback").await;
        // So that the browser does not list the address, which has the fragment in it, as visited.
        assert_eq!(status(&page), "404");
        let token = format!("Hallpass-Page-Token: {}\r\n", page_token(&page));
        let evil = format!("Origin: https://evil.example\r\n{token}");
        let own = format!("Origin: http://{at}\r\n");
        for headers in ["", evil.as_str(), own.as_str(), token.as_str()] {
            let forged = post(at, "/callback", headers, &fragment).await;
            assert_eq!(status(&forged), "403", "{headers}");
        }
        let own = format!("{own}{token}");
        let stray = post(at, "/callback", &own, "access_token=evil&state=x").await;
        assert_eq!(status(&stray), "400");
        post(at, "/callback", &own, &fragment).await
    };
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        let tokens = pending.clone().receive(&received.callback(), NOW);
        received.tell(tokens).await
    };
    let (tokens, page) = tokio::join!(login, browser);
    assert_eq!(tokens?.access_token.expose_secret(), "t+t");
    assert!(
        page.contains("You are logged in to Photo Printer."),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn a_denial_is_told_to_the_user_and_its_text_is_no_markup() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!(
        "/callback?error=access_denied&error_description=%3Cimg+src%3Dx+onerror%3D%22alert(1)%22%3E&state={STATE}"
    );
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        let code = pending.clone().receive(&received.callback(), NOW);
        received.tell(code).await
    };
    let (code, page) = tokio::join!(login, get(authority(&redirect_uri), &target));
    assert!(code.is_err());
    assert!(page.contains("No access was given"), "{page}");
    let text = "Reason: &lt;img src=x onerror=&quot;alert(1)&quot;&gt;";
    assert!(page.contains(text) && !page.contains("<img"), "{page}");
    Ok(())
}

#[tokio::test]
async fn an_error_after_the_callback_is_told_to_the_user() {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!("/callback?code=c&state={STATE}");
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        received.tell::<(), _>(Err("the <server> is out")).await
    };
    let (told, page) = tokio::join!(login, get(authority(&redirect_uri), &target));
    assert_eq!(told, Err("the <server> is out"));
    assert!(page.contains("The login failed"), "{page}");
    assert!(page.contains("the &lt;server&gt; is out"), "{page}");
}

#[tokio::test]
async fn a_reload_while_the_code_is_exchanged_sees_the_same_page_and_sends_nothing() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let at = authority(&redirect_uri);
    let target = format!("/callback?code=c&state={STATE}");
    // The first connection is gone when the user reloads.
    let first = tokio::select! {
        received = receiver.receive(&pending) => received?,
        page = async { get(at, &target).await } => panic!("{page}"),
    };
    let (told, page) = tokio::join!(first.tell(fine()), get(at, &target));
    told?;
    assert_eq!(status(&page), "200");
    assert!(
        page.contains("You are logged in to Photo Printer."),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn where_nobody_waits_for_the_page_the_result_comes_all_the_same() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!("/callback?code=c&state={STATE}");
    let received = tokio::select! {
        received = receiver.receive(&pending) => received?,
        page = get(authority(&redirect_uri), &target) => panic!("{page}"),
    };
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    received.tell(fine()).await?;
    assert_eq!(began.elapsed().as_secs(), 2);
    Ok(())
}

#[tokio::test]
async fn no_two_receivers_have_a_page_with_the_same_token() -> Outcome {
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let (receiver, redirect_uri) = bound();
        let pending = token(&redirect_uri);
        tokio::select! {
            received = receiver.receive(&pending) => panic!("{received:?}"),
            page = get(authority(&redirect_uri), "/callback") => tokens.push(page_token(&page).to_owned()),
        }
    }
    // 32 bytes, as base64url.
    assert!(tokens.iter().all(|token| token.len() == 43));
    assert_ne!(tokens[0], tokens[1]);
    Ok(())
}

#[tokio::test]
async fn a_callback_that_nobody_tells_about_is_still_answered() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!("/callback?code=c&state={STATE}");
    let login = async { drop(receiver.receive(&pending).await.unwrap()) };
    let ((), page) = tokio::join!(login, get(authority(&redirect_uri), &target));
    assert!(page.contains("Go back to Photo Printer"), "{page}");
    Ok(())
}

#[tokio::test]
async fn who_gives_up_gets_the_port_back_at_once() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let at: SocketAddr = authority(&redirect_uri).parse()?;
    let pending = code(&redirect_uri, ResponseMode::Query);
    // A callback of another login has been answered, and one connection is open, when the program is interrupted.
    let mut open = None;
    tokio::select! {
        received = receiver.receive(&pending) => panic!("{received:?}"),
        () = async {
            let stray = get(&at.to_string(), "/callback?state=x").await;
            assert_eq!(status(&stray), "400");
            open = tokio::net::TcpStream::connect(at).await.ok();
        } => {}
    }
    let again = Receiver::bind(Options::new("x").with_port(at.port()))?;
    assert_eq!(again.redirect_uri(), redirect_uri);
    drop(open);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_longer_than_was_said() {
    let patience = Duration::from_secs(60);
    let receiver = Receiver::bind(Options::new("x").with_patience(patience)).unwrap();
    let pending = code(&receiver.redirect_uri(), ResponseMode::Query);
    match receiver.receive(&pending).await {
        Err(ReceiveError::TimedOut(waited)) => assert_eq!(waited, patience),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_async_it_is_the_same() -> Outcome {
    let receiver = hallpass_loopback::blocking::Receiver::bind(Options::new("Photo Printer"))?;
    let redirect_uri = receiver.redirect_uri();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let target = format!("/callback?code=c&state={STATE}");
    let browser = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(get(authority(&redirect_uri), &target))
    });
    let received = receiver.receive(&pending)?;
    let code = pending.receive(&received.callback(), NOW);
    received.tell(code)?;
    let page = browser.join().unwrap();
    assert!(
        page.contains("You are logged in to Photo Printer."),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn nothing_that_is_secret_is_shown() -> Outcome {
    let (receiver, redirect_uri) = bound();
    let pending = token(&redirect_uri);
    let at = authority(&redirect_uri);
    let shown = format!("{receiver:?}");
    assert!(shown.contains(&redirect_uri), "{shown}");
    let browser = async {
        let page = get(at, "/callback?iss=canary").await;
        let token = page_token(&page);
        assert!(!shown.contains(token), "{shown}");
        let headers = format!("Origin: http://{at}\r\nHallpass-Page-Token: {token}\r\n");
        let body = format!("access_token=canary&state={STATE}");
        post(at, "/callback?iss=canary", &headers, &body).await
    };
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        let shown = format!("{received:?} {:?}", received.callback());
        assert!(
            !shown.contains("canary") && !shown.contains(STATE),
            "{shown}"
        );
        received.tell(fine()).await
    };
    let (told, page) = tokio::join!(login, browser);
    told?;
    assert!(!page.contains("canary") && !page.contains(STATE), "{page}");
    Ok(())
}

#[test]
fn everything_goes_from_thread_to_thread() {
    fn check<T: Send + Sync>() {}
    check::<Receiver>();
    check::<Received>();
    check::<hallpass_loopback::blocking::Receiver>();
    check::<hallpass_loopback::blocking::Received>();
    check::<Options>();
    check::<Colour>();
    check::<BindError>();
    check::<ReceiveError>();
    fn sent<T: Send>(_: T) {}
    let (receiver, redirect_uri) = bound();
    let pending = code(&redirect_uri, ResponseMode::Query);
    sent(receiver.receive(&pending));
}
