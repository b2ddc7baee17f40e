//! What crosses threads can.

use hallpass_grant::ClientAuthentication;
use hallpass_http::{
    Driver, NoSigner, OsRandom, Runtime, SetupError, SignError, Signer, Transport, TransportError,
    blocking, drive,
};

use crate::script::{Event, World, refresh};

#[test]
fn everything_can_cross_threads() {
    fn check<T: Send + Sync + ?Sized>() {}
    check::<dyn Transport>();
    check::<dyn Signer>();
    check::<dyn Runtime>();
    check::<dyn blocking::Transport>();
    check::<dyn blocking::Signer>();
    check::<dyn blocking::Clock>();
    check::<Driver>();
    check::<NoSigner>();
    check::<OsRandom>();
    check::<SetupError>();
    check::<SignError>();
    check::<TransportError>();
    #[cfg(feature = "reqwest")]
    {
        check::<hallpass_http::ReqwestTransport>();
        check::<hallpass_http::ReqwestTransportBuilder>();
        check::<blocking::ReqwestTransport>();
    }
    #[cfg(feature = "tokio")]
    check::<hallpass_http::TokioRuntime>();
}

#[test]
fn a_driven_conversation_can_be_spawned() {
    fn send<T: Send>(future: T) -> T {
        future
    }
    let world = World::new([Event::Answered(200), Event::Answered(200)]);
    let mut call = refresh(ClientAuthentication::None);
    let driving = send(drive(&mut call, &world, &world, &world));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert!(runtime.block_on(driving).is_ok());

    let driver = Driver::new(world.clone(), world.clone()).with_signer(world);
    let mut call = refresh(ClientAuthentication::None);
    let driven = runtime.block_on(runtime.spawn(async move { driver.drive(&mut call).await }));
    assert!(driven.unwrap().is_ok());
}

#[cfg(feature = "tokio")]
#[tokio::test(start_paused = true)]
async fn tokio_waits_and_runs_what_it_is_given() {
    use std::time::Duration;

    use hallpass_http::TokioRuntime;

    let begun = tokio::time::Instant::now();
    TokioRuntime.sleep(Duration::from_secs(3600)).await;
    assert!(begun.elapsed() >= Duration::from_secs(3600));
    let year_2025 = Duration::from_secs(1_735_689_600);
    assert!(TokioRuntime.now() > std::time::SystemTime::UNIX_EPOCH + year_2025);

    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let task = said.clone();
    TokioRuntime.spawn(Box::pin(async move { task.send("task").unwrap() }));
    assert_eq!(heard.recv().await, Some("task"));
    TokioRuntime.spawn_blocking(Box::new(move || said.send("work").unwrap()));
    assert_eq!(heard.recv().await, Some("work"));
}
