//! The application's colour on its pages.

use std::fmt;

/// A colour of the application's, for what is an ornament on its pages and never for text: so any colour can be read.
///
/// ```
/// use hallpass_loopback::Colour;
///
/// assert_eq!(Colour::rgb(0x15, 0x56, 0xb0).to_string(), "#1556b0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour([u8; 3]);

impl Colour {
    /// How much red, green and blue is in it, as in `#rrggbb`.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }
}

/// As CSS writes it.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}
