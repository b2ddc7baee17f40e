use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
#[scope("pets")]
enum Pets {
    #[scope("read:pets", crate = "hallpass::scope")]
    Read,
}

#[derive(Clone, Copy, Scope)]
#[scope(crate = "not a path")]
enum Cats {
    #[scope("read:cats")]
    Read,
}

fn main() {}
