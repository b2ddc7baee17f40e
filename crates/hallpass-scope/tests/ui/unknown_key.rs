use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
#[scope(rename_all = "lowercase")]
enum Pets {
    #[scope("read:pets", title = "Read")]
    Read,
    #[scope(value = "write:pets")]
    Write,
}

fn main() {}
