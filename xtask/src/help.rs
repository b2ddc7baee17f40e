//! `cargo xtask help`: what there is.

use crate::test::STEPS;

/// Prints the commands, and the steps of `test`.
pub(crate) fn run() -> Result<(), String> {
    println!(
        "\
cargo xtask test            every check there is; what CI runs
cargo xtask test NAME...    only the named steps of it
cargo xtask tidy            the same as `cargo xtask test tidy`: the house's own rules, in a second
cargo xtask threats         writes the tables of THREATS.md from tests/threats.toml and tests/cases.toml
cargo xtask api             renews the listings of the public APIs: names of crates; --since REVISION compares with then
cargo xtask demo            from consent to an authorised call, printed step by step
cargo xtask sim             simulated schedules of the refresh transaction: --seeds N, --from S
cargo xtask torture         proofs on real processes that are killed, stopped and cut off; --short takes minutes
cargo xtask browser         the tests in a real browser: --screenshots FOLDER, names of tests
cargo xtask bench           what things cost: a login, a save (`bench grant`, `bench file-store` for one of them)
cargo xtask sbom            a software bill of materials of each crate (`sbom hallpass-grant` for one), below target/sbom
cargo xtask unsafe          how much unsafe code our crates stand on, counted by a parser; takes a minute
cargo xtask release         what changed, the next versions, each crate from its package, publication: status, prepare, check, publish; proof shows them
cargo xtask help            this list

The steps of `test`, in their order:"
    );
    for step in STEPS {
        println!("  {:<9} {}", step.name, step.does);
    }
    Ok(())
}
