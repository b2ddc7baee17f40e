use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("")]
    Read,
    #[scope("write:pets", name = "")]
    Write,
}

fn main() {}
