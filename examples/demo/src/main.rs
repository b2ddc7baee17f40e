//! From consent to an authorised call, five times, on an authorization server of our own.

mod haste;
mod masked;
mod narrator;
mod scopes;
mod story;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let began = Instant::now();
    match tell().await {
        Ok(()) => {
            println!("Done in {:.1} seconds.", began.elapsed().as_secs_f32());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("The demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell() -> Result<(), Box<dyn std::error::Error>> {
    // `reqwest` leaves the choice of a crypto provider to the application. This one takes ring, as hallpass does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!(
        "An application wants to read a user's data at another service. It never sees the user's password:\n\
         the service asks the user, and gives the application a token. This program plays all of that.\n\
         Secrets are masked; everything else is what really went over the wire.\n"
    );
    let server = Arc::new(TestServer::start(Default::default()));
    println!(
        "An authorization server for this demo runs at {}.\n",
        server.base_url()
    );
    let summaries = [
        story::oauthacg(&server).await?,
        story::device(&server).await?,
        story::service(&server).await?,
        story::httpig(&server).await?,
        story::petstore_auth(&server).await?,
    ];
    println!("Summary");
    summaries.iter().for_each(|line| println!("  {line}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_story_ends_well() {
        tell().await.unwrap();
    }
}
