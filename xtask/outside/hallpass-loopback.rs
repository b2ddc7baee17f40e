use hallpass_loopback::{Options, blocking::Receiver};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let receiver = Receiver::bind(Options::new("Photo Printer"))?;
    assert!(receiver.redirect_uri().starts_with("http://127.0.0.1:"));
    #[cfg(feature = "default")]
    assert!(hallpass_loopback::browser::open("not an address").is_err());
    Ok(())
}
