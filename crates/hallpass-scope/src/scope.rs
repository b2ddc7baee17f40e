//! The trait of a scope enum: the scopes a program knows by name.

/// One of the scopes that an authorization server defines (RFC 6749 §3.3), as a variant of an enum.
///
/// Derive it with `#[derive(Scope)]` (feature `derive`), which checks every value when the program
/// is compiled. An implementation written by hand promises the same: each [`value`](Scope::value)
/// is one `scope-token`, and no two variants share a value or a name.
pub trait Scope: Copy + 'static {
    /// Every scope of the enum, in the order of declaration.
    const ALL: &'static [Self];

    /// The name a person configures the scope by, such as `READ_SCOPE` for the variant `ReadScope`.
    fn name(&self) -> &'static str;

    /// The `scope-token` that goes over the wire, such as `read:pets`.
    fn value(&self) -> &'static str;

    /// What the scope allows, in words: the doc comment of the variant, `""` if it has none.
    fn description(&self) -> &'static str;

    /// The scope of this [`name`](Scope::name), in upper or lower case (ASCII).
    fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|scope| scope.name().eq_ignore_ascii_case(name))
    }

    /// The scope of exactly this [`value`](Scope::value): values are case-sensitive (RFC 6749 §3.3).
    fn from_value(value: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|scope| scope.value() == value)
    }

    /// The scope of this value or, if there is none, of this name: what a configuration file or an
    /// environment variable may hold.
    fn lookup(name_or_value: &str) -> Option<Self> {
        Self::from_value(name_or_value).or_else(|| Self::from_name(name_or_value))
    }
}
