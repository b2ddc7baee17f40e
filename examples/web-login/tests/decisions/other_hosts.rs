//! Cookies that another host of the domain has set. A browser keeps `__Host-` for us, and nothing else.

use hallpass_testkit::{Endpoint, User};

use crate::site::{SESSION, Site};

#[tokio::test]
async fn a_session_under_a_name_that_is_only_decoded_ours_is_not_taken() {
    let site = Site::open().await;
    let (mut alice, mut mallory) = (site.browser(), site.browser());
    alice.logs_in_as(&User::alice()).await;
    mallory.logs_in_as(&User::bob()).await;
    let (ours, theirs) = (&alice.cookies[SESSION], &mallory.cookies[SESSION]);
    for name in [
        "%5F_Host-session",
        "__Host%2Dsession",
        "\u{2000}__Host-session",
    ] {
        let tossed = format!("{name}={theirs}");
        assert_eq!(
            site.answer_to("/account", tossed.as_bytes()).await.status,
            303
        );
        for cookies in [
            format!("{SESSION}={ours}; {tossed}"),
            format!("{tossed}; {SESSION}={ours}"),
        ] {
            let page = site.answer_to("/account", cookies.as_bytes()).await;
            assert!(page.text.contains("<strong>alice</strong>"), "{cookies}");
        }
    }
    // Two that a browser cannot have: nobody knows whose is whose.
    let twice = format!("{SESSION}={ours}; {SESSION}={theirs}");
    assert_eq!(
        site.answer_to("/account", twice.as_bytes()).await.status,
        303
    );
}

#[tokio::test]
async fn a_login_under_a_name_that_is_not_its_own_is_not_finished() {
    let site = Site::open().await;
    let mut mallory = site.browser();
    let forged = mallory.comes_back_as(&User::bob()).await;
    let (name, value) = &mallory.cookies.0[0];
    let decoded = format!("%5F{}", &name[1..]);
    let bare = name.replace("__Host-", "");
    for tossed in [&decoded, &bare, "x", "__Host-login-", "__Host-login-x"] {
        let cookies = format!("{tossed}={value}");
        let page = site.answer_to(&forged, cookies.as_bytes()).await;
        assert_eq!(page.status, 400, "{tossed}");
    }
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);
    assert_eq!(mallory.get(&forged).await.location(), "/account");
}

#[tokio::test]
async fn a_cookie_that_nobody_can_read_logs_nobody_out() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let back = alice.comes_back_as(&User::alice()).await;
    for odd in ["x=\u{e9}".as_bytes(), b"\xff=\xfe", b"x=%zz\t", b";; =;"] {
        let cookies = [odd, b"; ", alice.cookies.header().as_bytes()].concat();
        let page = site.answer_to("/none", &cookies).await;
        assert_eq!(page.status, 404);
    }
    let odd = [b"x=\xe9; ", alice.cookies.header().as_bytes()].concat();
    let page = site.answer_to(&back, &odd).await;
    assert_eq!(page.location(), "/account");
    let set = page.headers.get_all("set-cookie").iter().next_back();
    let session = set.unwrap().to_str().unwrap().split(';').next().unwrap();
    let odd = [session.as_bytes(), b"; x=\xe9"].concat();
    assert_eq!(site.answer_to("/account", &odd).await.status, 200);
}
