use time::Month;

use super::*;
use crate::{BooleanClaim, DateClaim};

const WHOLE: &str = r#"{
    "sub": "248289761001", "name": "Jane Doe", "name#de": "Jane Reh", "NAME": "other", "given_name": "Jane",
    "family_name": "Doe", "middle_name": "M", "nickname": "JD", "preferred_username": "j.doe",
    "profile": "https://example.com/janedoe", "picture": "https://example.com/me.jpg",
    "website": "https://jane.example", "email": "janedoe@example.com", "email_verified": true,
    "gender": "female", "birthdate": "0000-10-31", "zoneinfo": "America/Los_Angeles", "locale": "en-US",
    "phone_number": "+1 (310) 123-4567", "phone_number_verified": false,
    "address": {"formatted": "1234 Hollywood Blvd.\nLos Angeles", "street_address": "1234 Hollywood Blvd.",
        "locality": "Los Angeles", "region": "CA", "postal_code": "90210", "country": "US", "planet": "Earth"},
    "updated_at": 1311280970, "groups": ["admin"]
}"#;

fn members(json: &str) -> Members {
    Members::read(json.as_bytes()).unwrap()
}

fn read(json: &str) -> Result<StandardClaims, Error> {
    StandardClaims::read(&members(json))
}

fn with(name: &str, value: &str) -> String {
    format!(r#"{{"sub":"1","{name}":{value}}}"#)
}

fn fault(json: &str) -> Fault {
    Fault::of(&read(json).unwrap_err()).unwrap().clone()
}

#[test]
fn every_standard_claim_has_its_type_and_others_are_kept() {
    let claims = read(WHOLE).unwrap();
    assert_eq!(claims.sub, "248289761001");
    for (claim, value) in [
        (&claims.name, "Jane Doe"),
        (&claims.given_name, "Jane"),
        (&claims.family_name, "Doe"),
        (&claims.middle_name, "M"),
        (&claims.nickname, "JD"),
        (&claims.preferred_username, "j.doe"),
        (&claims.profile, "https://example.com/janedoe"),
        (&claims.picture, "https://example.com/me.jpg"),
        (&claims.website, "https://jane.example"),
        (&claims.email, "janedoe@example.com"),
        (&claims.gender, "female"),
        (&claims.zoneinfo, "America/Los_Angeles"),
        (&claims.locale, "en-US"),
        (&claims.phone_number, "+1 (310) 123-4567"),
    ] {
        assert_eq!(claim.as_deref(), Some(value));
    }
    assert_eq!(claims.email_verified, Some(true));
    assert_eq!(claims.phone_number_verified, Some(false));
    let day = claims.birthdate.and_then(|date| date.day());
    assert_eq!(day, Some((Month::October, 31)));
    let updated = UtcDateTime::from_unix_timestamp(1_311_280_970).ok();
    assert_eq!(claims.updated_at, updated);
    let names: Vec<&str> = claims.extra.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["name#de", "NAME", "groups"]);

    let address = claims.address.unwrap();
    for (member, value) in [
        (&address.formatted, "1234 Hollywood Blvd.\nLos Angeles"),
        (&address.street_address, "1234 Hollywood Blvd."),
        (&address.locality, "Los Angeles"),
        (&address.region, "CA"),
        (&address.postal_code, "90210"),
        (&address.country, "US"),
    ] {
        assert_eq!(member.as_deref(), Some(value));
    }
    assert_eq!(
        address.extra.value("planet").unwrap().as_str(),
        Some("Earth")
    );
}

#[test]
fn a_claim_of_another_type_is_an_error_that_names_it_and_never_absent() {
    for name in TEXTS {
        for value in ["null", "1", "true", "[]", "{}"] {
            assert_eq!(
                fault(&with(name, value)),
                Fault::StandardClaim(name),
                "{value}"
            );
        }
        let tagged = with(&format!("{name}#fr"), "7");
        assert_eq!(fault(&tagged), Fault::StandardClaim(name));
    }
    for name in ["email_verified", "phone_number_verified"] {
        for value in ["null", "1", r#""true""#, "[]"] {
            assert_eq!(
                fault(&with(name, value)),
                Fault::StandardClaim(name),
                "{value}"
            );
        }
    }
    for value in [
        "null",
        r#""1311280970""#,
        "-1",
        "253402300800",
        "1e300",
        "-0.5",
        r#""2011-07-21T20:42:50Z""#,
    ] {
        let expected = Fault::StandardClaim("updated_at");
        assert_eq!(fault(&with("updated_at", value)), expected, "{value}");
    }
    for value in ["null", "2001", r#""28.02.2001""#, r#""""#] {
        let expected = Fault::StandardClaim("birthdate");
        assert_eq!(fault(&with("birthdate", value)), expected, "{value}");
    }
    for value in [
        "null",
        r#""Earth""#,
        r#"{"country":1}"#,
        r#"{"formatted":null}"#,
    ] {
        assert_eq!(
            fault(&with("address", value)),
            Fault::StandardClaim("address"),
            "{value}"
        );
    }
}

#[test]
fn a_second_may_have_a_fraction() {
    let claims = read(&with("updated_at", "1311280970.9")).unwrap();
    let updated = UtcDateTime::from_unix_timestamp(1_311_280_970).ok();
    assert_eq!(claims.updated_at, updated);
    assert_eq!(
        read(&with("updated_at", "0")).unwrap().updated_at,
        Some(UtcDateTime::UNIX_EPOCH)
    );
}

#[test]
fn claims_of_nobody_are_none() {
    assert_eq!(fault("{}"), Fault::MissingClaim("sub"));
    for value in ["null", "1", r#""""#] {
        assert_eq!(
            fault(&format!(r#"{{"sub":{value}}}"#)),
            Fault::StandardClaim("sub")
        );
    }
    let profile = ClaimsProfile {
        nulls: NullClaim::Absent,
        ..ClaimsProfile::STRICT
    };
    assert!(StandardClaims::read_as(&members(r#"{"sub":null}"#), &profile).is_err());
}

#[test]
fn an_email_address_counts_only_where_it_is_verified() {
    let email = |verified: &str| {
        let json = format!(r#"{{"sub":"1","email":"a@b.example"{verified}}}"#);
        read(&json).unwrap().verified_email().map(str::to_owned)
    };
    assert_eq!(
        email(r#","email_verified":true"#).as_deref(),
        Some("a@b.example")
    );
    assert_eq!(email(r#","email_verified":false"#), None);
    assert_eq!(email(""), None);
}

#[test]
fn a_claim_in_a_language_is_found_by_its_tag_in_any_case() {
    let claims = read(WHOLE).unwrap();
    assert_eq!(claims.in_language("name", "DE"), Some("Jane Reh"));
    assert_eq!(claims.in_language("name", "fr"), None);
    assert_eq!(claims.in_language("nickname", "de"), None);
    // What is no standard claim may be of any type.
    let other = read(&with("title#de", "7")).unwrap();
    assert_eq!(other.in_language("title", "de"), None);
}

#[test]
fn a_profile_spares_what_it_names_and_nothing_else() {
    let booleans = ClaimsProfile {
        booleans: BooleanClaim::BooleanOrText,
        ..ClaimsProfile::STRICT
    };
    let as_booleans = |value| {
        let claims = members(&with("email_verified", value));
        let read = StandardClaims::read_as(&claims, &booleans);
        read.map(|claims| claims.email_verified).ok()
    };
    assert_eq!(as_booleans(r#""true""#), Some(Some(true)));
    assert_eq!(as_booleans(r#""false""#), Some(Some(false)));
    assert_eq!(as_booleans("true"), Some(Some(true)));
    for value in [r#""True""#, r#""yes""#, r#""""#, "1", "null"] {
        assert_eq!(as_booleans(value), None, "{value}");
    }

    let dates = ClaimsProfile {
        dates: DateClaim::SecondsOrText,
        ..ClaimsProfile::STRICT
    };
    let as_dates = |value| {
        let claims = members(&with("updated_at", value));
        let read = StandardClaims::read_as(&claims, &dates);
        let date = read.ok().and_then(|claims| claims.updated_at);
        date.map(UtcDateTime::unix_timestamp)
    };
    assert_eq!(
        as_dates(r#""2011-07-21T20:42:50.000Z""#),
        Some(1_311_280_970)
    );
    assert_eq!(as_dates("1311280970"), Some(1_311_280_970));
    assert_eq!(as_dates(r#""1311280970""#), None);

    let nulls = ClaimsProfile {
        nulls: NullClaim::Absent,
        ..ClaimsProfile::STRICT
    };
    for name in [
        "name",
        "email_verified",
        "updated_at",
        "birthdate",
        "address",
        "name#de",
    ] {
        let claims = members(&with(name, "null"));
        let read = StandardClaims::read_as(&claims, &nulls).unwrap();
        assert_eq!(
            (read.name, read.email_verified, read.updated_at),
            (None, None, None)
        );
    }
    assert!(StandardClaims::read_as(&members(&with("name", "1")), &nulls).is_err());
    assert!(StandardClaims::read_as(&members(&with("name#de", "1")), &nulls).is_err());
}

#[test]
fn no_value_is_shown() {
    let claims = read(WHOLE).unwrap();
    let shown = format!("{claims:?} {:?} {:?}", claims.address, claims.birthdate);
    assert_eq!(
        shown,
        "StandardClaims(…, 3 others) Some(Address(…)) Some(Birthdate(…))"
    );
    let error = read(r#"{"sub":"canary","email":{"canary":"canary"}}"#).unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let shown = format!("{error} {error:?} {source}");
    assert!(
        !shown.contains("canary") && shown.contains("email"),
        "{shown}"
    );
}
